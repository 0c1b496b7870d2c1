-- Usage: what calls cost in seconds, tokens and characters, by company, day or month, provider and model.
--
-- The worker writes what the session counted into call_logs.usage when a call ends; these views only add it up, so there is
-- nothing to keep in step. Days and months are the company's own. `cost` is filled where the operator has put prices into
-- providers.yaml, in whatever currency they are in; without prices it is null, never zero.
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
