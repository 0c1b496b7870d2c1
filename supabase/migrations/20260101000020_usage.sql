-- Usage: what calls cost in seconds, tokens and characters, by company, day or month, provider and model.
--
-- The worker writes what the session counted into call_logs.usage when a call ends; these views only add it up, so there is
-- nothing to keep in step. Days and months are the company's own. `cost` is filled where the operator has put prices into
-- providers.yaml, in whatever currency they are in; without prices it is null, never zero.
--
-- The ears' vocabulary also gets the streets of the company's customers: callers say where they are.
--
-- No definer functions: the views ask with the rights of whoever reads them, so the policies of call_logs decide.

-- ---------------------------------------------------------------------------------------------------------------------
-- Usage

create view public.usage with (security_invoker = true) as
select
  c.company_id,
  (c.started_at at time zone i.timezone)::date as day,
  split_part(m.item ->> 'type', '_', 1) as kind,
  coalesce(m.item ->> 'provider', '') as provider,
  coalesce(m.item ->> 'model', '') as model,
  count(distinct c.id) as calls,
  coalesce(sum(n.audio_duration), 0) as seconds,
  coalesce(sum(n.input_tokens), 0) as input_tokens,
  coalesce(sum(n.output_tokens), 0) as output_tokens,
  coalesce(sum(n.characters_count), 0) as characters,
  sum(n.cost) as cost
from public.call_logs c
join public.company_info i on i.company_id = c.company_id
cross join lateral jsonb_array_elements(
  case when jsonb_typeof(c.usage -> 'models') = 'array' then c.usage -> 'models' else '[]' end) m (item)
-- What is no number is none: one odd value must not take the whole view away.
cross join lateral (select
  case when jsonb_typeof(m.item -> 'audio_duration') = 'number' then (m.item ->> 'audio_duration')::numeric end as audio_duration,
  case when jsonb_typeof(m.item -> 'input_tokens') = 'number' then (m.item ->> 'input_tokens')::numeric end as input_tokens,
  case when jsonb_typeof(m.item -> 'output_tokens') = 'number' then (m.item ->> 'output_tokens')::numeric end as output_tokens,
  case when jsonb_typeof(m.item -> 'characters_count') = 'number' then (m.item ->> 'characters_count')::numeric end as characters_count,
  case when jsonb_typeof(m.item -> 'cost') = 'number' then (m.item ->> 'cost')::numeric end as cost) n
group by 1, 2, 3, 4, 5;
comment on view public.usage is 'What each company''s calls used of each provider''s model on each day: seconds, tokens, characters, and cost where prices are set.';

create view public.usage_by_month with (security_invoker = true) as
select
  u.company_id, date_trunc('month', u.day)::date as month, u.kind, u.provider, u.model, sum(u.calls) as calls,
  sum(u.seconds) as seconds, sum(u.input_tokens) as input_tokens, sum(u.output_tokens) as output_tokens,
  sum(u.characters) as characters, sum(u.cost) as cost
from public.usage u
group by 1, 2, 3, 4, 5;
comment on view public.usage_by_month is 'The same by month; a month is named by its first day.';

revoke all on public.usage, public.usage_by_month from anon, authenticated;
grant select on public.usage, public.usage_by_month to authenticated;

-- ---------------------------------------------------------------------------------------------------------------------
-- Streets, for the ears

create function public._streets(company_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(distinct s.street), '[]') from (
    select btrim(regexp_replace(split_part(x.address, ',', 1), '^\s*\d+\S*\s+', '')) as street
    from public.customers x where x.company_id = _streets.company_id order by x.id desc limit 300) s
  where s.street ~ '[[:alpha:]]{3}'
$$;
comment on function public._streets(uuid) is 'The streets of a company''s customers, without house numbers.';

-- As before, and the streets.
create or replace function public._vocabulary(company_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'people', (select coalesce(jsonb_agg(distinct n.name), '[]') from (
      (select t.name from public.technicians t where t.company_id = _vocabulary.company_id and t.active order by t.id limit 300)
      union all
      (select e.name from public.employees e where e.company_id = _vocabulary.company_id and e.active order by e.name limit 300)) n),
    'departments', (select coalesce(jsonb_agg(d.name), '[]') from (
      select x.name from public.departments x where x.company_id = _vocabulary.company_id order by x.routing_priority, x.name limit 60) d),
    'roles', (select coalesce(jsonb_agg(r.role order by r.role), '[]') from (
      select distinct role from public.employees e, unnest(e.roles) role where e.company_id = _vocabulary.company_id and e.active limit 60) r),
    'customers', (select coalesce(jsonb_agg(c.name), '[]') from (
      select x.name from public.customers x where x.company_id = _vocabulary.company_id order by x.id desc limit 300) c),
    'parts', (select coalesce(jsonb_agg(p.name), '[]') from (
      select i.name from public.inventory_items i where i.company_id = _vocabulary.company_id order by i.id limit 500) p),
    'aliases', (select coalesce(jsonb_agg(a.alias), '[]') from (
      select x.alias from public.item_aliases x where x.company_id = _vocabulary.company_id order by x.alias limit 1000) a),
    'trucks', (select coalesce(jsonb_agg(t.number::text), '[]') from (
      select x.number from public.trucks x where x.company_id = _vocabulary.company_id and x.active order by x.number limit 300) t),
    'streets', public._streets(_vocabulary.company_id))
$$;

revoke all on function public._streets(uuid), public._vocabulary(uuid) from public, anon, authenticated;
