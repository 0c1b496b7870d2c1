-- Outbox: whatever leaves the house by SMS or e-mail is a row first, sent by a worker, and tried again until it went.
--
-- Rows are made by triggers, in the transaction of what they tell about: a caller's message to whom it is for, a notice to
-- the office's own addresses, an urgent word to a technician's phone. Nothing is sent that was rolled back, and nothing is
-- forgotten that was written.
--
-- A worker claims rows for the length of a lease (`next_attempt_at` is when a row may be taken, also by somebody else once
-- the lease has run out) and settles each: sent, try again, or refused for good. A worker that dies between sending and
-- settling is the one way in which something is sent twice.
--
-- Security definer, and why:
--   claim_deliveries, settle_delivery, report_delivery    the line's account has no table grants; each asks _line_account()
--   _queue_message, _queue_notice, _queue_technician_sms  triggers on what people with fewer rights write
--   _tell_message_truth                                   the trigger that keeps a message's status true, whoever settles
--   _tell_notice_failed                                   the trigger that tells the office in the console what did not go out

-- How somebody of the office wants to hear ---------------------------------------------------------------------------

alter table public.employees
  add column message_channels text[] not null default '{sms,email}'
    check (message_channels <@ array['sms', 'email'] and cardinality(message_channels) > 0);
comment on column public.employees.message_channels is 'How messages reach this person; where the chosen way has no address, the other is taken.';
grant update (message_channels) on public.employees to authenticated;

alter table public.messages
  add column kind text not null default 'message' check (kind in ('message', 'callback')),
  add column urgent boolean not null default false,
  add column caller_number varchar(16) check (caller_number ~ '^\+[1-9][0-9]{6,14}$'),
  add constraint messages_company_key unique (company_id, id);
comment on column public.messages.kind is 'callback: the caller asked to be called back.';
comment on column public.messages.urgent is 'Delivered at once, whatever the hour.';
comment on column public.messages.caller_number is 'Where the caller can be reached, as read back; null when they would not say.';
comment on column public.messages.delivered_via is 'Ways by which it has left the house; kept by deliveries.';

-- The rows -----------------------------------------------------------------------------------------------------------

create table public.deliveries (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  channel text not null check (channel in ('sms', 'email')),
  address varchar(254) not null check (case channel when 'sms' then address ~ '^\+[1-9][0-9]{6,14}$' else address ~ '^[^@\s]+@[^@\s]+$' end),
  subject varchar(200),
  body text not null check (body <> ''),
  message_id uuid,
  notification_id bigint,
  manual_notification_id bigint,
  once text not null,
  state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'delivered', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null default public.fieldline_now(),
  locked_at timestamptz,
  locked_by text,
  provider_id text,
  last_error text,
  sent_at timestamptz,
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  constraint deliveries_once unique (company_id, once),
  constraint deliveries_locked check ((state = 'sending') = (locked_by is not null) and (locked_by is null) = (locked_at is null)),
  constraint deliveries_tell_of_one_thing check (num_nonnulls(message_id, notification_id, manual_notification_id) = 1),
  foreign key (company_id, message_id) references public.messages (company_id, id) on delete restrict,
  foreign key (company_id, notification_id) references public.notifications (company_id, id) on delete restrict,
  foreign key (company_id, manual_notification_id) references public.manual_notifications (company_id, id) on delete restrict
);
comment on table public.deliveries is 'The outbox: one row per SMS or e-mail, claimed by a worker, tried until it went or was refused.';
comment on column public.deliveries.once is 'What is told to which address by which way: the same thing is never queued twice.';
comment on column public.deliveries.next_attempt_at is 'When a worker may take it: the moment it is due, the end of a lease, or of a pause after a failure.';
comment on column public.deliveries.state is 'sent: taken by the carrier or mail server; delivered: the carrier says that it arrived.';
create index deliveries_due_idx on public.deliveries (next_attempt_at, id) where state in ('queued', 'sending');
create index deliveries_message_idx on public.deliveries (company_id, message_id);
create index deliveries_notification_idx on public.deliveries (company_id, notification_id);
create index deliveries_manual_idx on public.deliveries (company_id, manual_notification_id);
create trigger deliveries_touch before update on public.deliveries
  for each row execute function public._touch_updated_at();

-- Where to, and when -------------------------------------------------------------------------------------------------

create type public.way as (channel text, address text);
comment on type public.way is 'One way to reach somebody: sms and a number, or email and an address.';

create function public._ways_to_person(person public.employees) returns setof public.way
language sql immutable set search_path = ''
as $$
  with ways as (
    select w.* from (values ('email', person.email::text), ('sms', person.phone::text)) w (channel, address) where w.address is not null
  )
  select w.channel, w.address from ways w
  where w.channel = any (person.message_channels)
    or not exists (select from ways x where x.channel = any (person.message_channels))
$$;
comment on function public._ways_to_person(public.employees) is 'The ways that a person chose; where none of them has an address, what there is.';

create function public._ways_to_office(company_id uuid) returns setof public.way
language sql stable set search_path = ''
as $$
  select w.channel, w.address
  from public.company_info i
  cross join lateral (
    select 'email', e.value from jsonb_array_elements_text(coalesce(i.settings -> 'office_emails', '[]')) e
    union
    select 'sms', n.value from jsonb_array_elements_text(coalesce(i.settings -> 'office_numbers', '[]')) n
  ) w (channel, address)
  where i.company_id = _ways_to_office.company_id
$$;
comment on function public._ways_to_office(uuid) is 'The addresses that a company set for notices to the office.';

create function public._next_open(company_id uuid, department_id uuid, own_hours jsonb) returns timestamptz
language sql stable set search_path = ''
as $$
  -- Hours that never open would keep a message for ever: then it goes at once.
  select coalesce((public._open_at(_next_open.company_id, _next_open.department_id, own_hours, public.fieldline_now()) ->> 'next_at')::timestamptz,
    public.fieldline_now())
$$;
comment on function public._next_open(uuid, uuid, jsonb) is 'When what can wait may be sent: now inside these hours, else when they next open.';

create function public._reader_of(message public.messages) returns public.employees
language sql stable set search_path = ''
as $$
  select e from public.employees e
  where e.company_id = message.company_id and e.active and (e.phone is not null or e.email is not null)
    and case when message.to_employee_id is not null then e.id = message.to_employee_id else e.department_id = message.to_department_id end
  order by e.status in ('away', 'offline'), e.routing_priority, e.name
  limit 1
$$;
comment on function public._reader_of(public.messages) is 'Who reads a message: the person it is for, or the first of the department who is there. None when it is for nobody, or for somebody who left.';

create function public._message_due(message public.messages, reader public.employees) returns timestamptz
language sql stable set search_path = ''
as $$
  select case
    when message.urgent then public.fieldline_now()
    else public._next_open(message.company_id, coalesce(reader.department_id, message.to_department_id), reader.availability_hours)
  end
$$;
comment on function public._message_due(public.messages, public.employees) is 'When a message goes out: urgent ones at once, others in the hours of whoever reads them.';

create function public._company_name(company_id uuid) returns text
language sql stable set search_path = ''
as $$ select i.company_name::text from public.company_info i where i.company_id = _company_name.company_id $$;
comment on function public._company_name(uuid) is 'What a company calls itself.';

create function public._queue(
  company_id uuid, way public.way, source text, subject text, body text, due timestamptz,
  message_id uuid default null, notification_id bigint default null, manual_notification_id bigint default null
) returns void
language sql set search_path = ''
as $$
  -- Carriers take 1600 characters; what is longer is read in the console.
  insert into public.deliveries (company_id, channel, address, subject, body, once, next_attempt_at, message_id, notification_id, manual_notification_id)
  values (_queue.company_id, way.channel, way.address,
    case way.channel when 'email' then left(regexp_replace(_queue.subject, '\s+', ' ', 'g'), 200) end,
    case when way.channel = 'sms' and char_length(_queue.body) > 1500 then left(_queue.body, 1490) || ' …' else _queue.body end,
    format('%s %s %s', _queue.source, way.channel, way.address), _queue.due, _queue.message_id, _queue.notification_id, _queue.manual_notification_id)
  on conflict on constraint deliveries_once do nothing
$$;
comment on function public._queue(uuid, public.way, text, text, text, timestamptz, uuid, bigint, bigint) is 'Puts one thing for one address into the outbox, once.';

-- What makes rows ----------------------------------------------------------------------------------------------------

create function public._message_words(message public.messages, reader public.employees) returns text
language sql stable set search_path = ''
as $$
  select concat_ws(E'\n',
    format('%s%s for %s, taken %s.',
      case when message.urgent then 'URGENT: ' else '' end,
      case message.kind when 'callback' then 'Call-back asked' else 'Message' end,
      coalesce((select e.name from public.employees e where e.company_id = message.company_id and e.id = message.to_employee_id),
        (select d.name from public.departments d where d.company_id = message.company_id and d.id = message.to_department_id), 'the office'),
      to_char(message."timestamp" at time zone public._company_zone(message.company_id), 'Dy DD Mon HH24:MI')),
    format('From: %s, %s', message.from_caller, coalesce(message.caller_number, 'left no number')),
    message.message_text,
    case when message.best_effort then 'These words are a guess; the sound is kept with the message.' end,
    '— ' || public._company_name(message.company_id))
$$;
comment on function public._message_words(public.messages, public.employees) is 'A message as it is read on a phone or in a mail.';

create function public._queue_message() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  reader public.employees := public._reader_of(new);
  ways public.way[] := array(select w from public._ways_to_person(reader) w);
begin
  if cardinality(ways) = 0 then
    reader := null;
    ways := array(select w from public._ways_to_office(new.company_id) w);
  end if;
  if cardinality(ways) = 0 then
    perform public._notify_office(new.company_id, 'system',
      format('A message from %s has nobody to go to: read it among the messages, and set office_emails or office_numbers.', new.from_caller), null, 'high');
  end if;
  perform public._queue(new.company_id, w, 'message ' || new.id,
    format('%sessage from %s', case when new.urgent then 'Urgent m' else 'M' end, new.from_caller),
    public._message_words(new, reader), public._message_due(new, reader), message_id => new.id)
    from unnest(ways) w;
  return null;
end $$;
comment on function public._queue_message() is 'A message goes to whom it is for, by the ways they chose; without anybody to read it, to the office''s own addresses.';
create trigger messages_queue after insert on public.messages
  for each row execute function public._queue_message();

create function public._queue_notice() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform public._queue(new.company_id, w, 'notification ' || new.id,
    format('%s%s', case when new.priority = 'normal' then '' else initcap(new.priority) || ': ' end, replace(new.notification_type, '_', ' ')),
    concat_ws(E'\n', new.message, '— ' || public._company_name(new.company_id)),
    case when new.priority = 'normal' then public._next_open(new.company_id, null, null) else public.fieldline_now() end,
    notification_id => new.id)
    from public._ways_to_office(new.company_id) w;
  return null;
end $$;
comment on function public._queue_notice() is 'What the office should hear of goes to its own addresses: at once when it matters, else when the company opens.';
create trigger notifications_queue after insert on public.notifications
  for each row when (new.technician_id is null and new.notification_type in ('note_alert', 'low_stock', 'missed_transfer', 'lockout'))
  execute function public._queue_notice();

create function public._queue_technician_sms() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform public._queue(new.company_id, row('sms', t.phone)::public.way, 'manual ' || new.id, null,
    format(E'Urgent from the office: %s\n— %s', new.message, public._company_name(new.company_id)),
    public.fieldline_now(), manual_notification_id => new.id)
    from public.technicians t
    where t.company_id = new.company_id and t.id = new.technician_id and t.active and t.phone is not null;
  return null;
end $$;
comment on function public._queue_technician_sms() is 'An urgent word to a technician also goes to their phone.';
create trigger manual_notifications_queue after insert on public.manual_notifications
  for each row when (new.priority = 'urgent') execute function public._queue_technician_sms();

-- What happened to a message -----------------------------------------------------------------------------------------

create function public._tell_message_truth() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  gone text[];
  lost boolean;
  message public.messages;
begin
  -- Two workers that settle two deliveries of one message queue here: each then sees what the other did.
  select m.* into message from public.messages m where m.id = new.message_id for update;
  select coalesce(array_agg(distinct d.channel) filter (where d.state in ('sent', 'delivered')), '{}'), bool_and(d.state = 'failed')
    into gone, lost
    from public.deliveries d where d.company_id = new.company_id and d.message_id = new.message_id;
  update public.messages m set
    delivered_via = array(select w from unnest(gone) w union select k from unnest(m.delivered_via) k where k = 'call' order by 1),
    status = case when m.status = 'read' then 'read' when gone <> '{}' then 'delivered' when lost then 'failed' else 'pending' end
    where m.id = message.id;
  if lost and message.status not in ('failed', 'read') then
    perform public._notify_office(new.company_id, 'system',
      format('A message from %s could not be delivered: %s', message.from_caller, new.last_error), null, 'high');
  end if;
  return null;
end $$;
comment on function public._tell_message_truth() is 'Keeps delivered_via and status of a message what its deliveries say; a message that reached nobody is told to the office.';
-- Not when a row is claimed or goes back to the queue: that tells nothing about its message, and a claim of many rows that
-- locked their messages could meet another claim's in the opposite order.
create trigger deliveries_tell_message after update of state on public.deliveries
  for each row when (new.message_id is not null and new.state is distinct from old.state
    and new.state <> 'sending' and not (new.state = 'queued' and old.state = 'sending'))
  execute function public._tell_message_truth();

create function public._tell_notice_failed() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- 'system' queues nothing itself: an address that takes nothing is not written to about that.
  perform public._notify_office(new.company_id, 'system', format('%s to %s could not be delivered (%s): %s',
    case new.channel when 'sms' then 'An SMS' else 'An e-mail' end, new.address, coalesce(new.last_error, 'no reason given'), left(new.body, 200)), null, 'high');
  return null;
end $$;
comment on function public._tell_notice_failed() is 'A notice, or an urgent word to a technician, that was refused or given up is told to the office in the console.';
create trigger deliveries_tell_notice after update of state on public.deliveries
  for each row when (num_nonnulls(new.notification_id, new.manual_notification_id) = 1 and new.state = 'failed' and old.state <> 'failed')
  execute function public._tell_notice_failed();

-- Sending ------------------------------------------------------------------------------------------------------------

create function public._delivery_pause(attempts integer) returns interval
language sql immutable set search_path = ''
as $$ select least(interval '30 seconds' * 2 ^ least(greatest(attempts, 1) - 1, 10), interval '1 hour') $$;
comment on function public._delivery_pause(integer) is 'How long to wait after this many failures: 30 seconds, doubling up to an hour.';

create function public._tries_are_used_up(attempts integer) returns boolean
language sql immutable set search_path = ''
as $$ select attempts >= 30 $$;
comment on function public._tries_are_used_up(integer) is 'Whether to give up: thirty tries last a day, so a night without mail loses nothing.';

create function public.claim_deliveries(worker text, at_most integer default 10, lease_seconds integer default 120) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  claimed jsonb;
begin
  perform public._line_account();
  with due as (
    select d.id from public.deliveries d
    where d.state in ('queued', 'sending') and d.next_attempt_at <= moment
    order by d.next_attempt_at, d.id
    limit least(greatest(coalesce(claim_deliveries.at_most, 10), 1), 100)
    for update skip locked
  ), taken as (
    update public.deliveries d set
      state = 'sending', attempts = d.attempts + 1, locked_at = moment, locked_by = claim_deliveries.worker,
      next_attempt_at = moment + make_interval(secs => least(greatest(coalesce(claim_deliveries.lease_seconds, 120), 1), 3600))
    from due where d.id = due.id
    returning d.*
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'channel', t.channel, 'address', t.address, 'subject', t.subject, 'body', t.body, 'attempt', t.attempts,
      'company', public._company_name(t.company_id)) order by t.id), '[]')
    into claimed from taken t;
  return jsonb_build_object('deliveries', claimed);
end $$;
comment on function public.claim_deliveries(text, integer, integer) is 'Takes deliveries that are due, for the length of a lease: nobody else gets them until it has run out.';

create function public._settle(delivery public.deliveries, outcome text, provider_id text, error text) returns public.deliveries
language plpgsql set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  next_state text := case
    when outcome in ('sent', 'delivered') then outcome
    when outcome = 'refused' or public._tries_are_used_up(delivery.attempts) then 'failed'
    else 'queued'
  end;
begin
  update public.deliveries d set
    state = next_state,
    locked_at = null,
    locked_by = null,
    provider_id = coalesce(left(_settle.provider_id, 200), d.provider_id),
    last_error = case when next_state in ('sent', 'delivered') then null else left(_settle.error, 500) end,
    sent_at = case when next_state in ('sent', 'delivered') then coalesce(d.sent_at, moment) else d.sent_at end,
    next_attempt_at = case when next_state = 'queued' then moment + public._delivery_pause(d.attempts) else d.next_attempt_at end
    where d.id = delivery.id returning d.* into delivery;
  return delivery;
end $$;
comment on function public._settle(public.deliveries, text, text, text) is 'Writes what became of a try: sent, delivered, retry or refused.';

create function public.settle_delivery(delivery_id bigint, worker text, outcome text, provider_id text default null, error text default null)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  delivery public.deliveries;
begin
  perform public._line_account();
  if settle_delivery.outcome is null or settle_delivery.outcome not in ('sent', 'retry', 'refused') then
    raise exception 'unknown outcome of a delivery: %', settle_delivery.outcome using errcode = '22023';
  end if;
  select d.* into delivery from public.deliveries d where d.id = settle_delivery.delivery_id for update;
  -- That it went is true whoever has the lease by now; that it failed is only for whoever still has it to say.
  if delivery.state = 'sending' and delivery.locked_by = settle_delivery.worker
    or delivery.state in ('queued', 'sending') and settle_delivery.outcome = 'sent' then
    delivery := public._settle(delivery, settle_delivery.outcome, settle_delivery.provider_id, settle_delivery.error);
  end if;
  return jsonb_build_object('state', delivery.state, 'attempts', delivery.attempts, 'next_attempt_at',
    case when delivery.state = 'queued' then public._utc(delivery.next_attempt_at) end);
end $$;
comment on function public.settle_delivery(bigint, text, text, text, text) is 'A worker says what became of a delivery that it claimed: sent, retry or refused. Safe to repeat; a lease that was lost settles nothing but a success.';

create function public.report_delivery(delivery_id bigint, provider_id text, outcome text, error text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  delivery public.deliveries;
begin
  perform public._line_account();
  if report_delivery.outcome is null or report_delivery.outcome not in ('sent', 'delivered', 'refused') then
    raise exception 'unknown outcome of a delivery: %', report_delivery.outcome using errcode = '22023';
  end if;
  select d.* into delivery from public.deliveries d where d.id = report_delivery.delivery_id for update;
  -- Reports come late, twice and out of order. One may overtake the worker's own word; none takes an arrival back, or
  -- speaks about another try than the last.
  if delivery.state = 'sending' and delivery.provider_id is null
    or delivery.provider_id = report_delivery.provider_id and delivery.state in ('sending', 'sent')
      and report_delivery.outcome <> delivery.state then
    delivery := public._settle(delivery, report_delivery.outcome, report_delivery.provider_id, report_delivery.error);
  end if;
  return jsonb_build_object('state', delivery.state);
end $$;
comment on function public.report_delivery(bigint, text, text, text) is 'What the carrier says later about a delivery: sent, delivered or refused. Unknown ids answer with a null state.';

-- Grants and row level security --------------------------------------------------------------------------------------

grant execute on function
  public.claim_deliveries(text, integer, integer), public.settle_delivery(bigint, text, text, text, text),
  public.report_delivery(bigint, text, text, text)
to authenticated;

alter table public.deliveries enable row level security;
revoke all on public.deliveries from anon, authenticated;
grant select on public.deliveries to authenticated;
create policy "Members see what left the house" on public.deliveries
  for select to authenticated using (company_id in (select public.my_companies()));

revoke execute on all functions in schema public from public, anon;
