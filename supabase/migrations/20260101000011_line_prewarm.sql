-- What a worker loads before the first call comes: the ears' grammar of a company takes a second to build, and a
-- caller must be greeted within one.
--
-- Security definer, and why: the line's account has no table grants, so every line function works with the owner's
-- rights, after asking _line_account() who is calling:
--   line_companies

create function public.line_companies() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform public._line_account();
  return jsonb_build_object('companies', (
    select coalesce(jsonb_agg(jsonb_build_object('name', c.company_name, 'vocabulary', public._vocabulary(c.company_id))
      order by c.last_call desc nulls last, c.company_name), '[]')
    from (
      select i.company_id, i.company_name, (select max(l.started_at) from public.call_logs l where l.company_id = i.company_id) as last_call
      from public.company_info i
      where exists (select from public.phone_numbers n where n.company_id = i.company_id and n.active)
      order by last_call desc nulls last, i.company_name
      -- A worker keeps four vocabularies; more would only make it start later.
      limit 4) c));
end $$;
comment on function public.line_companies() is 'The companies called last, with the words that their callers use: what a worker prepares for.';
revoke execute on function public.line_companies() from public, anon;
grant execute on function public.line_companies() to authenticated;
