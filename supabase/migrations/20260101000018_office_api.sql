-- The office's API: what the admin API needs of the database beside tables and policies.
--
-- A request that is sent twice: an Idempotency-Key is a row, and its insert is the lock. The first request works, and leaves
-- its answer; later ones get that answer, whichever process they reach. Keys belong to a person, not to a company: accepting
-- an invitation comes before there is one. They are kept for a day, and no client role can read them, as answers hold what
-- a role may see today and not tomorrow.
--
-- Security definer, and why: request_keys is readable by nobody, so its three functions work with the owner's rights, on the
-- rows of auth.uid() alone:
--   begin_request, end_request, forget_request

create table public.request_keys (
  user_id uuid not null references auth.users (id) on delete cascade,
  key text not null check (char_length(key) between 1 and 200),
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  status integer check (status between 200 and 599),
  headers jsonb not null default '{}',
  body jsonb,
  created_at timestamptz not null default public.fieldline_now(),
  primary key (user_id, key)
);
comment on table public.request_keys is 'Idempotency-Keys of the last day: which request took each, and what it was answered. No client role can read it.';
comment on column public.request_keys.fingerprint is 'SHA-256 of method, address, company and body: another request may not come under the same key.';
comment on column public.request_keys.status is 'Null while the request is being worked on.';

create function public.begin_request(key text, fingerprint text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  kept public.request_keys;
begin
  if auth.uid() is null then
    perform public._refuse('FL140', 'not_signed_in', '{}', 'Sign in first.');
  end if;
  -- Old keys go when their owner comes again. A request that never ended, because its process died, blocks for a minute.
  delete from public.request_keys r
    where r.user_id = auth.uid()
      and (r.created_at < moment - interval '1 day' or r.status is null and r.created_at < moment - interval '1 minute');
  insert into public.request_keys (user_id, key, fingerprint) values (auth.uid(), begin_request.key, begin_request.fingerprint)
    on conflict do nothing;
  if found then
    return jsonb_build_object('state', 'yours');
  end if;
  select r.* into kept from public.request_keys r where r.user_id = auth.uid() and r.key = begin_request.key;
  return case
    when kept.fingerprint is distinct from begin_request.fingerprint then jsonb_build_object('state', 'another')
    when kept.status is null then jsonb_build_object('state', 'running')
    else jsonb_build_object('state', 'done', 'status', kept.status, 'headers', kept.headers, 'body', kept.body)
  end;
end $$;
comment on function public.begin_request(text, text) is 'Takes an Idempotency-Key for this request (yours), or says that it is another request''s, still running, or done and with which answer.';

create function public.end_request(key text, status integer, headers jsonb, body jsonb) returns void
language sql security definer set search_path = ''
as $$
  update public.request_keys r set status = end_request.status, headers = end_request.headers, body = end_request.body
  where r.user_id = auth.uid() and r.key = end_request.key
$$;
comment on function public.end_request(text, integer, jsonb, jsonb) is 'Keeps the answer of the request that took this key.';

create function public.forget_request(key text) returns void
language sql security definer set search_path = ''
as $$ delete from public.request_keys r where r.user_id = auth.uid() and r.key = forget_request.key and r.status is null $$;
comment on function public.forget_request(text) is 'Gives a key back whose request did nothing.';

alter table public.request_keys enable row level security;
revoke all on public.request_keys from anon, authenticated, service_role;
grant execute on function public.begin_request(text, text), public.end_request(text, integer, jsonb, jsonb), public.forget_request(text) to authenticated;

revoke execute on all functions in schema public from public, anon;
