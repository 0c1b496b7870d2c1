-- The office's API: what the admin API needs of the database beside the tables and policies that are there.
--
-- Repeated requests: an Idempotency-Key is a row, and its insert is the lock. The first request works, and leaves its answer;
-- later ones get that answer, whichever process they reach. One that ended without an answer may have written all the same,
-- so its key is given back only by a request that knows that it wrote nothing. Keys belong to a person, not to a company: accepting an invitation
-- comes before there is one. They are kept for a day, and no client role can read them, as answers hold what a role may see
-- today and not tomorrow.
--
-- The audit log: a trigger on every table that the office writes keeps what stood there before and after. What callers and
-- workers write has logs of its own. Secrets are told of, never kept.
--
-- Invitations: the token is drawn here, goes out by the outbox and nowhere else, and leaves the outbox once the mail went.
-- Deliveries that carry one are not shown to members, or a viewer could become an admin by reading them.
--
-- Security definer, and why:
--   begin_request, end_request, forget_request, lose_request   request_keys is readable by nobody; they work on rows of auth.uid() alone
--   company_members                               names are in auth.users, which no client role may read; asks my_companies
--   invite_member, cancel_invitation              nobody may write invitations or deliveries; both ask my_companies('admin')
--   unlock_technician                             pin_attempts is written by nobody; asks _may_manage
--   move_truck_stock                              stock is written by _move_stock alone; asks my_companies('dispatcher')
--   resend_message, retry_delivery                nobody may write deliveries; both ask my_companies('dispatcher')
--   import_progress                               other sessions' names are hidden from client roles; asks my_companies('admin')
--   delivery_queue                                the line's account, which watches the outbox, has no table grants
--   _actor_name                                   names are in auth.users; the triggers of the audit log ask it

-- Repeated requests --------------------------------------------------------------------------------------------------

create table public.request_keys (
  user_id uuid not null references auth.users (id) on delete cascade,
  key text not null check (char_length(key) between 1 and 200),
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  status integer check (status between 200 and 599),
  headers jsonb not null default '{}',
  body jsonb,
  lost boolean not null default false,
  created_at timestamptz not null default public.fieldline_now(),
  primary key (user_id, key)
);
comment on table public.request_keys is 'Idempotency-Keys of the last day: which request took each, and what it was answered. No client role can read it.';
comment on column public.request_keys.fingerprint is 'SHA-256 of method, address, company and body: another request may not come under the same key.';
comment on column public.request_keys.status is 'Null while the request is being worked on, and for good when its answer was lost.';
comment on column public.request_keys.lost is 'The request ended, and nobody knows whether it wrote.';

create function public.begin_request(key text, fingerprint text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  kept public.request_keys;
begin
  if auth.uid() is null then
    perform public._refuse('FL073', 'not_allowed', '{}', 'Sign in first.');
  end if;
  -- Old keys go when their owner comes again.
  delete from public.request_keys r where r.user_id = auth.uid() and r.created_at < moment - interval '1 day';
  insert into public.request_keys (user_id, key, fingerprint) values (auth.uid(), begin_request.key, begin_request.fingerprint)
    on conflict do nothing;
  if found then
    return jsonb_build_object('state', 'yours');
  end if;
  select r.* into kept from public.request_keys r where r.user_id = auth.uid() and r.key = begin_request.key;
  return case
    when kept.fingerprint is distinct from begin_request.fingerprint then jsonb_build_object('state', 'another')
    -- Longer than the longest request, an import, may take: whoever worked on it is gone, and may have written.
    when kept.lost or kept.status is null and kept.created_at < moment - interval '5 minutes' then jsonb_build_object('state', 'lost')
    when kept.status is null then jsonb_build_object('state', 'running')
    else jsonb_build_object('state', 'done', 'status', kept.status, 'headers', kept.headers, 'body', kept.body)
  end;
end $$;
comment on function public.begin_request(text, text) is 'Takes an Idempotency-Key for this request (yours), or says that it is another request''s, still running, lost (it ended, and nobody knows whether it wrote), or done and with which answer.';

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

create function public.lose_request(key text) returns void
language sql security definer set search_path = ''
as $$ update public.request_keys r set lost = true where r.user_id = auth.uid() and r.key = lose_request.key and r.status is null $$;
comment on function public.lose_request(text) is 'Keeps a key whose request ended without knowing whether it wrote.';

-- The audit log ------------------------------------------------------------------------------------------------------

create table public.audit_log (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  at timestamptz not null default public.fieldline_now(),
  user_id uuid not null,
  who text not null,
  verb text not null check (verb in ('insert', 'update', 'delete')),
  entity text not null,
  entity_id text not null,
  before jsonb,
  after jsonb,
  request_id text
);
comment on table public.audit_log is 'Every write of the office: who, when, and what stood there before and after.';
comment on column public.audit_log.who is 'The employee''s name or the e-mail address, as they were then.';
comment on column public.audit_log.entity is 'The table; entity_id is the key of the row in it.';
comment on column public.audit_log.before is 'For a change only what changed; null for what was added.';
create index audit_log_at_idx on public.audit_log (company_id, at desc, id desc);
create index audit_log_entity_idx on public.audit_log (company_id, entity, entity_id);
create index audit_log_user_idx on public.audit_log (company_id, user_id);

create function public._actor_name(company_id uuid) returns text
language sql stable security definer set search_path = ''
as $$
  select coalesce(
    (select e.name::text from public.memberships m
      join public.employees e on e.company_id = m.company_id and e.id = m.employee_id
      where m.company_id = _actor_name.company_id and m.user_id = auth.uid()),
    (select u.email::text from auth.users u where u.id = auth.uid()), 'somebody')
$$;
comment on function public._actor_name(uuid) is 'What the signed-in person is called in this company.';

create function public._audit() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  hidden constant text[] := array['pin_hash', 'code_hash', 'token_hash', 'match_name', 'match_alias', 'spoken', 'sounds', 'updated_at', 'last_updated'];
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - hidden end;
  now_ jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - hidden end;
  one jsonb := coalesce(now_, was);
  changed text[];
begin
  -- Callers and workers have logs of their own; what runs without a person is maintenance.
  if auth.uid() is null or exists (select from public.line_accounts l where l.user_id = auth.uid()) then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    changed := array(select n.key from jsonb_each(now_) n where n.value is distinct from was -> n.key);
    -- A secret that was set anew changes nothing that may be shown, and is told all the same.
    if cardinality(changed) = 0 and tg_table_name not in ('technician_pins') then
      return null;
    end if;
    was := (select coalesce(jsonb_object_agg(k, was -> k), '{}') from unnest(changed) k);
    now_ := (select coalesce(jsonb_object_agg(k, now_ -> k), '{}') from unnest(changed) k);
  end if;
  insert into public.audit_log (company_id, user_id, who, verb, entity, entity_id, before, after, request_id)
  values (
    coalesce(one ->> 'company_id', one ->> 'id')::uuid, auth.uid(), public._actor_name(coalesce(one ->> 'company_id', one ->> 'id')::uuid),
    lower(tg_op), tg_table_name,
    case tg_table_name when 'technician_pins' then one ->> 'technician_id' when 'memberships' then one ->> 'user_id' else one ->> 'id' end,
    was, now_, left(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-request-id', 64));
  return null;
end $$;
comment on function public._audit() is 'Keeps what somebody of the office wrote: before and after, without secrets.';

do $triggers$
declare
  watched record;
begin
  for watched in select * from (values
    ('companies', 'update'), ('company_info', 'update'), ('phone_numbers', 'insert or update or delete'),
    ('departments', 'insert or update or delete'), ('employees', 'insert or update or delete'),
    ('memberships', 'insert or update or delete'), ('invitations', 'insert or update'),
    ('technicians', 'insert or update or delete'), ('technician_pins', 'insert or update'), ('one_time_codes', 'insert'),
    ('pin_attempts', 'update'), ('trucks', 'insert or update or delete'), ('customers', 'insert or update or delete'),
    ('customer_history', 'insert'), ('work_orders', 'insert or update or delete'), ('work_order_notes', 'insert or update or delete'),
    ('inventory_items', 'insert or update or delete'), ('item_aliases', 'insert or delete'), ('stock_movements', 'insert'),
    ('manual_notifications', 'insert'), ('notifications', 'update'), ('messages', 'update'), ('deliveries', 'update')
  ) w (name, verbs) loop
    execute format('create trigger %I after %s on public.%I for each row execute function public._audit()',
      watched.name || '_audit', watched.verbs, watched.name);
  end loop;
end $triggers$;

-- Versions -----------------------------------------------------------------------------------------------------------

alter table public.trucks add column updated_at timestamptz not null default public.fieldline_now();
create trigger trucks_touch before update on public.trucks for each row execute function public._touch_updated_at();
alter table public.phone_numbers add column updated_at timestamptz not null default public.fieldline_now();
create trigger phone_numbers_touch before update on public.phone_numbers for each row execute function public._touch_updated_at();

-- One phone, one person: many at once --------------------------------------------------------------------------------

create or replace function public._one_person_per_phone() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if not new.active or new.phone is null then
    return new;
  end if;
  -- One lock per company, not per number: fifty thousand people who are imported at once would need as many.
  perform pg_advisory_xact_lock(hashtextextended('phones ' || new.company_id::text, 0));
  if exists (
    select from public.technicians t
    join public.employees e on e.company_id = t.company_id and e.phone = t.phone
    where t.company_id = new.company_id and t.phone = new.phone and t.active and e.active and t.employee_id is distinct from e.id
  ) then
    perform public._refuse('FL072', 'phone_taken', jsonb_build_object('phone', new.phone),
      'That number already belongs to somebody else in the company.');
  end if;
  return new;
end $$;

-- Members and invitations --------------------------------------------------------------------------------------------

create function public.company_members(company_id uuid)
returns table (user_id uuid, email text, role text, employee_id uuid, created_at timestamptz, updated_at timestamptz)
language sql stable security definer set search_path = ''
as $$
  select m.user_id, u.email::text, m.role, m.employee_id, m.created_at, m.updated_at
  from public.memberships m
  join auth.users u on u.id = m.user_id
  where m.company_id = company_members.company_id and m.company_id in (select public.my_companies())
  order by u.email
$$;
comment on function public.company_members(uuid) is 'Who belongs to a company, with the addresses that they sign in with. For members of that company.';

alter table public.invitations
  add constraint invitations_company_key unique (company_id, id),
  add column invited_by uuid references auth.users (id) on delete set null;
create index invitations_invited_by_idx on public.invitations (invited_by);

alter table public.deliveries
  add column invitation_id uuid,
  add constraint deliveries_invitation_fkey foreign key (company_id, invitation_id) references public.invitations (company_id, id) on delete restrict,
  drop constraint deliveries_tell_of_one_thing,
  add constraint deliveries_tell_of_one_thing
    check (num_nonnulls(message_id, notification_id, manual_notification_id, invitation_id) = 1);
create index deliveries_invitation_idx on public.deliveries (company_id, invitation_id);
comment on column public.deliveries.invitation_id is 'The invitation whose link it carries: not shown to members, and its words go once it went.';
drop policy "Members see what left the house" on public.deliveries;
create policy "Members see what left the house" on public.deliveries
  for select to authenticated using (invitation_id is null and company_id in (select public.my_companies()));

create function public._forget_link() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.body := 'An invitation, whose link is not kept.';
  return new;
end $$;
comment on function public._forget_link() is 'The link of an invitation leaves the outbox with the mail.';
create trigger deliveries_forget_link before update of state on public.deliveries
  for each row when (new.invitation_id is not null and new.state in ('sent', 'delivered', 'failed'))
  execute function public._forget_link();

create function public.invite_member(company_id uuid, email text, as_role text, link text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  token text := encode(extensions.gen_random_bytes(32), 'hex');
  address text := lower(public._clean_text(invite_member.email, 254));
  invitation public.invitations;
begin
  if invite_member.company_id not in (select public.my_companies('admin')) then
    perform public._refuse('FL073', 'not_allowed', '{}', 'Only an administrator may invite.');
  end if;
  if exists (
    select from public.memberships m join auth.users u on u.id = m.user_id
    where m.company_id = invite_member.company_id and lower(u.email) = address
  ) then
    perform public._refuse('FL077', 'already_member', '{}', 'This person belongs to the company already.');
  end if;
  -- One open link per person: a new one replaces the last, so a lost link is no risk.
  perform public._close_invitation(i) from public.invitations i
    where i.company_id = invite_member.company_id and i.email = address and i.accepted_at is null and i.expires_at > public.fieldline_now();
  insert into public.invitations (company_id, email, role, token_hash, expires_at, invited_by)
    values (invite_member.company_id, address, invite_member.as_role, encode(extensions.digest(token, 'sha256'), 'hex'),
      public.fieldline_now() + interval '7 days', auth.uid())
    returning * into invitation;
  insert into public.deliveries (company_id, channel, address, subject, body, once, invitation_id)
    values (invitation.company_id, 'email', address,
      format('Your invitation to %s', public._company_name(invitation.company_id)),
      concat_ws(E'\n', format('%s invites you to %s as %s.', public._actor_name(invitation.company_id),
        public._company_name(invitation.company_id), invitation.role),
        format('The link works once, within a week: %s#%s', invite_member.link, token),
        'If you do not expect this, do nothing.'),
      format('invitation %s email', invitation.id), invitation.id);
  return to_jsonb(invitation) - 'token_hash';
end $$;
comment on function public.invite_member(uuid, text, text, text) is 'An administrator invites by e-mail: the link to the address given, with a token that works once within a week. An earlier open invitation to the same address stops working.';

create function public._close_invitation(invitation public.invitations) returns void
language sql set search_path = ''
as $$
  update public.invitations i set expires_at = public.fieldline_now() where i.id = invitation.id;
  update public.deliveries d set state = 'failed', locked_at = null, locked_by = null, last_error = 'The invitation was taken back.'
    where d.company_id = invitation.company_id and d.invitation_id = invitation.id and d.state in ('queued', 'sending');
$$;
comment on function public._close_invitation(public.invitations) is 'An invitation stops working, and its mail is not sent any more.';

create function public.cancel_invitation(invitation_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  invitation public.invitations;
begin
  select i.* into invitation from public.invitations i
    where i.id = cancel_invitation.invitation_id and i.company_id in (select public.my_companies('admin'))
      and i.accepted_at is null and i.expires_at > public.fieldline_now() for update;
  if not found then
    perform public._refuse('FL073', 'not_allowed', '{}', 'There is no open invitation of that number.');
  end if;
  perform public._close_invitation(invitation);
  return jsonb_build_object('id', invitation.id);
end $$;
comment on function public.cancel_invitation(uuid) is 'An administrator takes an open invitation back.';

-- Technicians, stock, messages ---------------------------------------------------------------------------------------

create function public.unlock_technician(technician_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  person public.technicians := public._may_manage(unlock_technician.technician_id);
begin
  return jsonb_build_object('name', person.name, 'badge', person.badge, 'forgiven', public._forgive(person.company_id, person.id));
end $$;
comment on function public.unlock_technician(bigint) is 'A dispatcher has a technician''s wrong tries forgotten, from whatever numbers they came.';

create function public.move_truck_stock(company_id uuid, truck_id bigint, item_id bigint, change integer default null, counted integer default null)
returns public.stock_movements
language plpgsql security definer set search_path = ''
as $$
declare
  truck public.trucks;
  item public.inventory_items;
  have integer;
begin
  select t.* into truck from public.trucks t
    where t.id = move_truck_stock.truck_id and t.company_id = move_truck_stock.company_id and t.company_id in (select public.my_companies('dispatcher'));
  select i.* into item from public.inventory_items i where i.id = move_truck_stock.item_id and i.company_id = truck.company_id;
  if truck.id is null or item.id is null then
    perform public._refuse('FL073', 'not_allowed', '{}', 'There is no such truck or part.');
  elsif truck.is_office_truck then
    perform public._refuse('FL016', 'office_truck', jsonb_build_object('truck', truck.number), 'The office truck carries no stock.');
  end if;
  -- What is counted is compared with what is there at that moment: the row is held until the difference is written.
  select s.quantity into have from public.truck_inventory s where s.company_id = truck.company_id and s.truck_id = truck.id and s.item_id = item.id for update;
  if counted is not null and counted = coalesce(have, 0) then
    return null;
  end if;
  return public._move_stock(truck, item, coalesce(counted - coalesce(have, 0), change), case when counted is null then 'restocked' else 'counted' end);
end $$;
comment on function public.move_truck_stock(uuid, bigint, bigint, integer, integer) is 'A dispatcher puts parts on a truck (change), or says how many there are (counted). Answers with the entry of the ledger; with nothing where the count agrees.';

create function public.schedule_order(order_id bigint, starts timestamptz, ends timestamptz default null, technician_id bigint default null,
  seen timestamptz default null) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  job public.work_orders;
begin
  update public.work_orders w set
    scheduled_for = schedule_order.starts,
    ends_at = coalesce(schedule_order.ends, schedule_order.starts + interval '2 hours'),
    assigned_technician_id = coalesce(schedule_order.technician_id, w.assigned_technician_id)
    where w.id = schedule_order.order_id and w.status in ('pending', 'scheduled') and (seen is null or w.updated_at = seen)
    returning w.* into job;
  if not found then
    select w.* into job from public.work_orders w where w.id = schedule_order.order_id and w.company_id in (select public.my_companies('dispatcher'));
    if not found then
      perform public._refuse('FL020', 'job_unknown', '{}', 'There is no such work order.');
    end if;
    if job.updated_at <> seen then
      perform public._refuse('FL162', 'stale_version', '{}', 'Somebody else has changed it since you read it: read it again, then change it.');
    end if;
    perform public._refuse('FL022', 'job_wrong_state', jsonb_build_object('number', job.number, 'status', job.status),
      format('Work order %s is %s.', job.number, replace(job.status, '_', ' ')));
  end if;
  if job.status = 'pending' then
    perform public.set_order_status(job.id, 'scheduled');
  end if;
  return jsonb_build_object('number', job.number, 'status', 'scheduled');
end $$;
comment on function public.schedule_order(bigint, timestamptz, timestamptz, bigint, timestamptz) is 'A dispatcher gives an order its time (two hours, where no end is given) and, when named, its technician; with seen, only in the version (updated_at) that they have seen. Acts with the rights of whoever asks.';

create function public.resend_message(message_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  message public.messages;
  again integer;
begin
  select m.* into message from public.messages m
    where m.id = resend_message.message_id and m.company_id in (select public.my_companies('dispatcher')) for update;
  if not found then
    perform public._refuse('FL073', 'not_allowed', '{}', 'There is no such message.');
  end if;
  if exists (select from public.deliveries d where d.company_id = message.company_id and d.message_id = message.id and d.state in ('queued', 'sending')) then
    perform public._refuse('FL078', 'still_going', '{}', 'It is still on its way.');
  end if;
  update public.deliveries d set state = 'queued', attempts = 0, provider_id = null, last_error = null, sent_at = null, next_attempt_at = public.fieldline_now()
    where d.company_id = message.company_id and d.message_id = message.id;
  get diagnostics again = row_count;
  return jsonb_build_object('deliveries', again);
end $$;
comment on function public.resend_message(uuid) is 'A dispatcher has a message sent again, by the ways it went or failed to go.';

create function public.retry_delivery(delivery_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  delivery public.deliveries;
begin
  -- The words of an invitation are gone by now: an administrator invites anew.
  select d.* into delivery from public.deliveries d
    where d.id = retry_delivery.delivery_id and d.invitation_id is null and d.company_id in (select public.my_companies('dispatcher')) for update;
  if not found then
    perform public._refuse('FL073', 'not_allowed', '{}', 'There is no delivery of that number for you to send again.');
  end if;
  if delivery.state in ('queued', 'sending') then
    perform public._refuse('FL078', 'still_going', '{}', 'It is still on its way.');
  end if;
  if delivery.state <> 'failed' then
    perform public._refuse('FL079', 'not_failed', '{}', 'It has gone out; only what failed is sent again.');
  end if;
  update public.deliveries d set state = 'queued', attempts = 0, provider_id = null, next_attempt_at = public.fieldline_now()
    where d.id = delivery.id returning d.* into delivery;
  return jsonb_build_object('id', delivery.id, 'state', delivery.state);
end $$;
comment on function public.retry_delivery(bigint) is 'A dispatcher has a failed delivery tried again, from the first try.';

-- What the office reads ----------------------------------------------------------------------------------------------

create view public.work_order_board with (security_invoker = true) as
  select w.id, w.company_id, w.number, w.customer_id, w.title, w.brief_description, w.full_summary, w.order_type, w.status,
    w.assigned_technician_id, w.follow_up_of, w.scheduled_for, w.ends_at, w.started_at, w.completed_at, w.completion_summary,
    w.cancel_reason, w.created_by_type, w.created_by_id, w.created_at, w.updated_at,
    c.name as customer_name, c.address as customer_address, t.name as technician_name, t.badge as technician_badge
  from public.work_orders w
  join public.customers c on c.company_id = w.company_id and c.id = w.customer_id
  left join public.technicians t on t.company_id = w.company_id and t.id = w.assigned_technician_id;
comment on view public.work_order_board is 'Work orders with the names of customer and technician; it obeys the reader''s row level security.';

create view public.truck_stock with (security_invoker = true) as
  select s.id, s.company_id, s.truck_id, s.item_id, s.quantity, s.last_updated, t.number as truck_number, t.name as truck_name,
    i.name as item_name, i.unit, i.standard_quantity, i.low_quantity,
    s.quantity <= coalesce(i.low_quantity, i.standard_quantity / 5) as is_low
  from public.truck_inventory s
  join public.trucks t on t.company_id = s.company_id and t.id = s.truck_id
  join public.inventory_items i on i.company_id = s.company_id and i.id = s.item_id;
comment on view public.truck_stock is 'What trucks carry, with the names of truck and part, and whether it is low; it obeys the reader''s row level security.';

create function public.company_usage(company_id uuid, from_day date, to_day date) returns jsonb
language sql stable set search_path = ''
as $$
  with calls as (
    select c.* from public.call_logs c
    join public.company_info i on i.company_id = c.company_id
    where c.company_id = company_usage.company_id
      and c.started_at >= from_day::timestamp at time zone i.timezone
      and c.started_at < (to_day + 1)::timestamp at time zone i.timezone
  ),
  models as (
    select coalesce(m.value ->> 'provider', '') as provider, coalesce(m.value ->> 'model', '') as model, n.key as unit,
      round(sum((n.value #>> '{}')::numeric), 3) as amount
    from calls c
    cross join jsonb_array_elements(case jsonb_typeof(c.usage -> 'models') when 'array' then c.usage -> 'models' else '[]' end) m
    cross join jsonb_each(m.value) n
    where jsonb_typeof(n.value) = 'number'
    group by 1, 2, 3
  )
  select jsonb_build_object(
    'from_day', from_day, 'to_day', to_day,
    'calls', (select count(*) from calls),
    'minutes', (select coalesce(round((sum(extract(epoch from c.duration)) / 60)::numeric, 1), 0) from calls c),
    'by_status', (select coalesce(jsonb_object_agg(s.status, s.n), '{}') from (select c.status, count(*) n from calls c group by 1) s),
    'by_line', (select coalesce(jsonb_object_agg(l.line, l.n), '{}') from (select c.line, count(*) n from calls c group by 1) l),
    'models', (select coalesce(jsonb_agg(jsonb_build_object('provider', m.provider, 'model', m.model, 'amounts', m.amounts) order by m.provider, m.model), '[]')
      from (select provider, model, jsonb_object_agg(unit, amount) as amounts from models group by 1, 2) m))
$$;
comment on function public.company_usage(uuid, date, date) is 'Calls, minutes and what the providers counted (tokens, characters, seconds), between two days of the company''s calendar, both included. Acts with the rights of whoever asks.';

create function public.delivery_queue() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  due integer;
  oldest timestamptz;
begin
  perform public._line_account();
  select count(*), min(d.next_attempt_at) into due, oldest from public.deliveries d
    where d.state in ('queued', 'sending') and d.next_attempt_at <= public.fieldline_now();
  return jsonb_build_object('due', due, 'oldest_seconds', coalesce(ceil(extract(epoch from public.fieldline_now() - oldest)), 0));
end $$;
comment on function public.delivery_queue() is 'How many deliveries are due, and for how long the oldest has been: a number that grows says that nobody sends.';

-- Files of people and departments ------------------------------------------------------------------------------------

create function public.import_departments(company_id uuid, entries jsonb, dry_run boolean default false) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  added integer;
  total integer := jsonb_array_length(entries);
begin
  select count(*) into added from jsonb_to_recordset(entries) r (name text)
    where not exists (select from public.departments d where d.company_id = import_departments.company_id and lower(d.name) = lower(r.name));
  if not dry_run then
    -- A column that the file does not have stays as it is.
    update public.departments d set name = r.name,
      description = case when w.value ? 'description' then r.description else d.description end,
      routing_priority = coalesce(r.routing_priority, d.routing_priority)
      from jsonb_array_elements(entries) w
      cross join lateral jsonb_to_record(w.value) r (name text, description text, routing_priority integer)
      where d.company_id = import_departments.company_id and lower(d.name) = lower(r.name);
    insert into public.departments (company_id, name, description, routing_priority)
      select import_departments.company_id, r.name, r.description, coalesce(r.routing_priority, 100)
      from jsonb_to_recordset(entries) r (name text, description text, routing_priority integer)
      where not exists (select from public.departments d where d.company_id = import_departments.company_id and lower(d.name) = lower(r.name));
  end if;
  return jsonb_build_object('added', added, 'changed', total - added, 'problems', '[]'::jsonb);
end $$;
comment on function public.import_departments(uuid, jsonb, boolean) is 'Adds and changes departments by name, all or none; columns that entries do not have stay as they are. Acts with the rights of whoever asks.';

create function public._matched_people(company_id uuid, entries jsonb) returns jsonb
language sql stable set search_path = ''
as $$
  -- Joins of whole sets: fifty thousand people cost no search each.
  with here as (select e.* from public.employees e where e.company_id = _matched_people.company_id),
  gone as (select distinct on (h.phone, lower(h.name)) h.phone, lower(h.name) as name, h.id from here h where h.phone is not null and not h.active order by h.phone, lower(h.name), h.id),
  emails as (select distinct on (lower(h.email)) lower(h.email) as email, h.id from here h where h.email is not null order by lower(h.email), h.active desc, h.id),
  names as (select distinct on (lower(h.name)) lower(h.name) as name, h.id from here h order by lower(h.name), h.active desc, h.id)
  select coalesce(jsonb_agg(r.value || jsonb_build_object('department_id', d.id, 'employee_id', coalesce(p.id, g.id, m.id, n.id))), '[]')
  from jsonb_array_elements(entries) r
  left join public.departments d on d.company_id = _matched_people.company_id and lower(d.name) = lower(r.value ->> 'department')
  -- A number is given on: who is not active, there or in the file, is meant only under the same name.
  left join here p on p.active and p.phone = r.value ->> 'phone'
    and (coalesce((r.value ->> 'active')::boolean, true) or lower(p.name) = lower(r.value ->> 'name'))
  left join gone g on g.phone = r.value ->> 'phone' and g.name = lower(r.value ->> 'name')
  left join emails m on m.email = lower(r.value ->> 'email')
  left join names n on n.name = lower(r.value ->> 'name') and r.value ->> 'phone' is null and r.value ->> 'email' is null
$$;
comment on function public._matched_people(uuid, jsonb) is 'Entries of a file with the department and the person that they mean: by phone, else e-mail, else name; somebody inactive by phone and name.';

create function public._problems_of_people(company_id uuid, people jsonb) returns jsonb
language sql stable set search_path = ''
as $$
  with people as (
    select p.line, p.department, p.department_id, p.employee_id, coalesce(p.active, e.active, true) as active,
      case when w.value ? 'phone' then p.phone else e.phone end as phone, min(p.line) over (partition by p.employee_id) as first_line
    from jsonb_array_elements(_problems_of_people.people) w
    cross join lateral jsonb_to_record(w.value) p (line integer, phone text, department text, active boolean, department_id uuid, employee_id uuid)
    left join public.employees e on e.company_id = _problems_of_people.company_id and e.id = p.employee_id
  )
  select coalesce(jsonb_agg(jsonb_build_object('line', w.line, 'field', w.field, 'detail', w.detail) order by w.line), '[]') from (
    select p.line, 'department' as field, 'there is no such department' as detail from people p where p.department is not null and p.department_id is null
    union all
    select p.line, 'phone', 'a technician has this number' from people p
      join public.technicians t on t.company_id = _problems_of_people.company_id and t.active and t.phone = p.phone and (t.employee_id is null or t.employee_id is distinct from p.employee_id)
      where p.active
    union all
    select p.line, 'name', format('this is the same person as line %s', p.first_line) from people p
      where p.employee_id is not null and p.line > p.first_line
  ) w
$$;
comment on function public._problems_of_people(uuid, jsonb) is 'What keeps entries of a file from being written, by line.';

create function public._write_people(company_id uuid, people jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  -- A column that the file does not have stays as it is; so do those that cannot be empty, where a cell is.
  update public.employees e set name = p.name,
    phone = case when w.value ? 'phone' then p.phone else e.phone end,
    email = case when w.value ? 'email' then p.email else e.email end,
    department_id = case when w.value ? 'department' then p.department_id else e.department_id end,
    office = case when w.value ? 'office' then p.office else e.office end,
    roles = coalesce(p.roles, e.roles), status = coalesce(p.status, e.status),
    routing_priority = coalesce(p.routing_priority, e.routing_priority), active = coalesce(p.active, e.active)
    from jsonb_array_elements(people) w
    cross join lateral jsonb_to_record(w.value) p (employee_id uuid, name text, phone text, email text, department_id uuid, office text,
      roles text[], status text, routing_priority integer, active boolean)
    where e.company_id = _write_people.company_id and e.id = p.employee_id;
  insert into public.employees (company_id, name, phone, email, department_id, office, roles, status, routing_priority, active)
    select _write_people.company_id, p.name, p.phone, p.email, p.department_id, p.office, coalesce(p.roles, '{}'),
      coalesce(p.status, 'available'), coalesce(p.routing_priority, 100), coalesce(p.active, true)
    from jsonb_to_recordset(people) p (employee_id uuid, name text, phone text, email text, department_id uuid, office text, roles text[],
      status text, routing_priority integer, active boolean)
    where p.employee_id is null;
end $$;
comment on function public._write_people(uuid, jsonb) is 'Changes and adds people of a file that was checked: only the columns that it has.';

-- Fifty thousand people take some seconds, more than a hosted project gives a request of the office: PostgREST reads the
-- limit here before it begins.
create function public.import_employees(company_id uuid, entries jsonb, dry_run boolean default false, progress_key uuid default null) returns jsonb
language plpgsql set search_path = '' set statement_timeout = '2min'
as $$
declare
  people jsonb := public._matched_people(import_employees.company_id, entries);
  problems jsonb := public._problems_of_people(import_employees.company_id, people);
  total integer := jsonb_array_length(people);
  some_of_them jsonb;
  n integer;
  added integer;
begin
  select count(*) into added from jsonb_to_recordset(people) p (employee_id uuid) where p.employee_id is null;
  if not dry_run and problems = '[]' then
    -- Who is there already first: a number that somebody gives up may be another's in the same file.
    for n, some_of_them in
      select max(e.n), jsonb_agg(e.value) from (
        select row_number() over (order by p.value ->> 'employee_id' is null) as n, p.value from jsonb_array_elements(people) p) e
      group by (e.n - 1) / 500 order by 1
    loop
      perform public._write_people(import_employees.company_id, some_of_them);
      if progress_key is not null then
        perform set_config('application_name', format('import %s %s', progress_key, n), true);
      end if;
    end loop;
  end if;
  return jsonb_build_object('added', added, 'changed', total - added, 'problems', problems);
end $$;
comment on function public.import_employees(uuid, jsonb, boolean, uuid) is 'Adds and changes people, all or none: who has the phone, else the e-mail address, else the name is changed, in the columns that the file has, the others are added. Problems are told by line, and then nothing is written. With a key, import_progress says how many are written. Acts with the rights of whoever asks.';

create function public.import_progress(progress_key uuid) returns integer
language sql volatile security definer set search_path = ''
as $$
  -- Rows of a transaction that is not over can be seen by nobody else; the name of its session can.
  select max(split_part(a.application_name, ' ', 3)::integer) from pg_catalog.pg_stat_activity a
  where exists (select from public.my_companies('admin')) and a.application_name like format('import %s %%', import_progress.progress_key)
$$;
comment on function public.import_progress(uuid) is 'How many people of a file an import under this key has written so far; null before the first of them and after the last.';

-- Grants and row level security --------------------------------------------------------------------------------------

alter table public.request_keys enable row level security;
revoke all on public.request_keys from anon, authenticated, service_role;

alter table public.audit_log enable row level security;
revoke all on public.audit_log from anon, authenticated;
grant select on public.audit_log to authenticated;
create policy "Admins read the audit log" on public.audit_log
  for select to authenticated using (company_id in (select public.my_companies('admin')));

revoke all on public.work_order_board, public.truck_stock from anon, authenticated;
grant select on public.work_order_board, public.truck_stock to authenticated;

grant select (id, company_id, email, role, created_at, expires_at, accepted_at, accepted_by, invited_by) on public.invitations to authenticated;
create policy "Admins see who was invited" on public.invitations
  for select to authenticated using (company_id in (select public.my_companies('admin')));

grant execute on function
  public.begin_request(text, text), public.end_request(text, integer, jsonb, jsonb), public.forget_request(text),
  public.lose_request(text),
  public.company_members(uuid), public.invite_member(uuid, text, text, text), public.cancel_invitation(uuid),
  public.unlock_technician(bigint), public.move_truck_stock(uuid, bigint, bigint, integer, integer),
  public.schedule_order(bigint, timestamptz, timestamptz, bigint, timestamptz), public.resend_message(uuid), public.retry_delivery(bigint),
  public.company_usage(uuid, date, date), public.delivery_queue(),
  public.import_departments(uuid, jsonb, boolean), public.import_employees(uuid, jsonb, boolean, uuid), public.import_progress(uuid),
  public._matched_people(uuid, jsonb), public._problems_of_people(uuid, jsonb), public._write_people(uuid, jsonb)
to authenticated;

revoke execute on all functions in schema public from public, anon;
