-- Transfers: whom a caller may be connected to, who is being rung, and how each attempt ended.
--
-- Only people of the directory are rung, never a number that somebody says: a line that dials what it is told pays for
-- premium numbers all over the world. A plan (`transfer_begin`) names people in the order of routing_priority;
-- `transfer_ring` claims one of them and only then gives the number; `transfer_report` says what became of it.
--
-- A person's phone rings for one call at a time. The open row is the claim: it holds for as long as an attempt can take
-- (`held_until`), and after an accept for as long as the call itself is open. A worker that dies leaves a row that its call's
-- end, or the end of the lease, settles.
--
-- Definer functions and why: transfer_begin, transfer_ring, transfer_report, transfer_missed, transfer_resume, because the line's account has no
-- table grants; each checks that account first, through `_line_call`. Those with an underscore work with the rights of
-- whoever calls.

-- ---------------------------------------------------------------------------------------------------------------------
-- What a company may settle: the older settings, and those of PINs, transfers, the customer line, languages and
-- kept sound

create function public._uuids_fit(list jsonb) returns boolean
language sql immutable set search_path = ''
as $$ select public._texts_fit(list, '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$', 36) $$;
comment on function public._uuids_fit(jsonb) is 'Whether this is a list of at most fifty ids.';

create function public._whole_fits(number jsonb, low integer, high integer) returns boolean
language sql immutable set search_path = ''
as $$
  -- 3.0 is refused too: whoever reads the setting casts its text.
  select case when jsonb_typeof(number) = 'number' and number #>> '{}' ~ '^[0-9]{1,9}$'
    then (number #>> '{}')::integer between low and high else false end
$$;
comment on function public._whole_fits(jsonb, integer, integer) is 'Whether this is a whole number within these bounds.';

create or replace function public.settings_problem(settings jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  setting record;
  fits boolean;
begin
  if jsonb_typeof(settings) <> 'object' then
    return 'settings are an object';
  end if;
  for setting in select s.key, s.value, s.value #>> '{}' as said, jsonb_typeof(s.value) as kind from jsonb_each(settings) s loop
    fits := case setting.key
      when 'recording' then setting.kind = 'boolean'
      when 'recording_announcement' then setting.kind = 'string' and char_length(setting.said) between 1 and 500
      when 'recording_days' then public._whole_fits(setting.value, 1, 3650)
      when 'message_sound_days' then public._whole_fits(setting.value, 1, 3650)
      when 'transfer_ring_seconds' then public._whole_fits(setting.value, 5, 120)
      when 'refer_transfers' then setting.kind = 'boolean'
      when 'hold_music' then setting.kind = 'string' and setting.said in ('melody', 'tones')
      when 'on_call' then public._uuids_fit(setting.value)
      when 'max_call_minutes' then public._whole_fits(setting.value, 1, 240)
      when 'languages' then setting.kind = 'array' and jsonb_array_length(setting.value) > 0
        and not exists (select from jsonb_array_elements(setting.value) l where coalesce(l.value #>> '{}', '') !~ '^[a-z]{2}$')
      when 'language_switch' then setting.kind = 'boolean'
      when 'booking_slot_minutes' then public._whole_fits(setting.value, 15, 480)
      when 'visits_per_day' then public._whole_fits(setting.value, 1, 20)
      when 'pin_tries' then public._whole_fits(setting.value, 3, 10)
      when 'pin_lock_minutes' then public._whole_fits(setting.value, 15, 1440)
      when 'pin_length' then public._whole_fits(setting.value, 4, 8)
      when 'fallback_number' then setting.kind = 'string' and setting.said ~ '^\+[1-9][0-9]{6,14}$'
      when 'emergency_number' then setting.kind = 'string' and setting.said ~ '^\+?[0-9]{2,15}$'
      when 'office_emails' then public._texts_fit(setting.value, '^[^@\s]+@[^@\s]+$', 254)
      when 'office_numbers' then public._texts_fit(setting.value, '^\+[1-9][0-9]{6,14}$', 16)
      when 'address' then setting.kind = 'string' and char_length(btrim(setting.said)) between 1 and 300
      when 'services' then public._texts_fit(setting.value, '\S', 100)
      when 'facts' then public._facts_fit(setting.value)
      else null
    end;
    if fits is null then
      return format('%s is not a setting', setting.key);
    elsif not fits then
      return format('%s: %s does not fit', setting.key, setting.value);
    end if;
  end loop;
  return null;
end $$;
comment on function public.settings_problem(jsonb) is 'What is wrong with a company''s settings, in words, or null. Unknown keys are refused, so a misspelt one is not silently off.';
comment on column public.company_info.settings is 'recording, recording_announcement, recording_days, message_sound_days, transfer_ring_seconds, refer_transfers, hold_music (melody, tones), on_call (ids of employees, rung in danger at any hour), max_call_minutes, languages, language_switch, booking_slot_minutes, visits_per_day, pin_tries, pin_lock_minutes, pin_length (fewest digits of a new PIN), fallback_number, emergency_number; told to callers: address, services, facts; where notices for the office go: office_emails, office_numbers';

-- ---------------------------------------------------------------------------------------------------------------------
-- The attempts

create table public.transfers (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid not null,
  attempt integer not null check (attempt >= 1),
  request_id text not null check (char_length(request_id) between 1 and 200),
  turn integer not null check (turn >= 1),
  employee_id uuid not null,
  department_id uuid,
  number varchar(16) not null check (number ~ '^\+[1-9][0-9]{6,14}$'),
  about text,
  emergency boolean not null default false,
  started_at timestamptz not null default public.fieldline_now(),
  held_until timestamptz not null,
  answered_at timestamptz,
  connected_at timestamptz,
  ended_at timestamptz,
  outcome text check (outcome in ('accepted', 'declined', 'message', 'busy', 'no_answer', 'voicemail', 'unreachable', 'hung_up',
    'caller_left', 'superseded', 'failed')),
  sip_status integer check (sip_status between 100 and 699),
  sip_reason text,
  talk_seconds integer generated always as (case when outcome = 'accepted' then extract(epoch from ended_at - connected_at)::integer end) stored,
  unique (company_id, id),
  constraint transfers_attempt_key unique (call_id, attempt),
  constraint transfers_turn_key unique (call_id, request_id, turn),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete restrict,
  foreign key (company_id, employee_id) references public.employees (company_id, id) on delete restrict,
  foreign key (company_id, department_id) references public.departments (company_id, id) on delete restrict,
  constraint transfers_in_order check (answered_at >= started_at and connected_at >= answered_at and ended_at >= coalesce(connected_at, answered_at, started_at)),
  constraint transfers_connected_is_accepted check ((connected_at is not null) = (outcome is not null and outcome = 'accepted')),
  constraint transfers_ended_has_outcome check ((ended_at is null or outcome is not null) and (outcome is null or outcome = 'accepted' or ended_at is not null))
);
comment on table public.transfers is 'Every attempt to connect a caller to somebody: who was rung, when, and how it ended. An open row is the claim on that person''s phone.';
comment on column public.transfers.attempt is 'The how-manieth attempt of the call; what the line calls it by.';
comment on column public.transfers.turn is 'The how-manieth person of the plan of that request.';
comment on column public.transfers.held_until is 'An attempt that nobody settled by then is over: its worker died.';
comment on column public.transfers.outcome is 'How it ended; superseded: the caller told of danger while it rang, and those on call were rung instead.';
comment on column public.transfers.connected_at is 'When the person took the call; the two talk from here to ended_at.';
comment on column public.transfers.sip_status is 'What the telephone network answered: 486 busy, 603 declined, 480 not reachable; null when it just rang.';
create index transfers_started_idx on public.transfers (company_id, started_at desc);
create index transfers_call_idx on public.transfers (company_id, call_id);
create index transfers_employee_idx on public.transfers (company_id, employee_id);
create index transfers_department_idx on public.transfers (company_id, department_id);
create unique index transfers_one_phone_one_call on public.transfers (employee_id) where ended_at is null;

create function public._tell_missed_transfer(call public.call_logs, request_id text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  plan public.line_requests;
  seen public.transfers;
begin
  select r.* into plan from public.line_requests r
    where r.call_id = (call).id and r.function = 'transfer_begin' and r.request_id = _tell_missed_transfer.request_id;
  if not found or exists (select from public.transfers t where t.company_id = (call).company_id and t.call_id = (call).id
      and t.request_id = _tell_missed_transfer.request_id and t.outcome in ('accepted', 'message', 'superseded')) then
    return false;
  end if;
  -- The line and the call's end may both come to tell: whoever writes this row does.
  insert into public.line_requests (company_id, call_id, function, request_id, arguments, result)
    values ((call).company_id, (call).id, 'transfer_missed', _tell_missed_transfer.request_id, '{}', '{"told": true}')
    on conflict on constraint line_requests_call_id_function_request_id_key do nothing;
  if not found then
    return false;
  end if;
  select t.* into seen from public.transfers t
    where t.company_id = (call).company_id and t.call_id = (call).id and t.request_id = _tell_missed_transfer.request_id order by t.turn desc limit 1;
  -- Without an attempt everybody of the plan was talking to somebody else.
  perform public._notify_office((call).company_id, 'missed_transfer', format('%s (%s) wanted to talk to %s: %s.%s',
    coalesce((call).caller_name, 'A caller'), coalesce((call).from_number, 'number withheld'),
    coalesce((select e.name::text from public.employees e where e.id = seen.employee_id), plan.result ->> 'name', plan.result #>> '{people,0,name}', 'the office'),
    coalesce(replace(seen.outcome, '_', ' '), 'busy'), coalesce(' About: ' || (plan.arguments ->> 'about'), '')),
    null, case when (plan.arguments ->> 'emergency')::boolean then 'urgent' else 'normal' end);
  return true;
end $$;
comment on function public._tell_missed_transfer(public.call_logs, text) is 'Tells the office, once, of a caller whom nobody of that plan took, and returns whether it did.';

create function public._settle_transfer(call_id uuid, at timestamptz) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Whatever was still going on: a talk ends with the call, anything earlier means that the caller left first.
  update public.transfers t
    set ended_at = greatest(_settle_transfer.at, t.connected_at, t.answered_at, t.started_at), outcome = coalesce(t.outcome, 'caller_left')
    where t.call_id = _settle_transfer.call_id and t.ended_at is null;
  -- A caller who left while it rang, or whose line died, had nobody to tell of it.
  perform public._tell_missed_transfer(c, p.request_id)
    from public.call_logs c, (select distinct t.request_id from public.transfers t where t.call_id = _settle_transfer.call_id) p
    where c.id = _settle_transfer.call_id
      and not exists (select from public.transfers t where t.company_id = c.company_id and t.call_id = c.id and t.outcome = 'accepted');
end $$;
comment on function public._settle_transfer(uuid, timestamptz) is 'Ends the open transfer of a call, and tells the office when nobody took the caller. Safe to repeat.';

create function public._settle_transfers_of_call() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform public._settle_transfer(new.id, new.ended_at);
  -- A call that somebody took was transferred, whoever closes its row and for whatever reason.
  if exists (select from public.transfers t where t.company_id = new.company_id and t.call_id = new.id and t.outcome = 'accepted') then
    new.status := 'transferred';
  end if;
  return new;
end $$;
comment on function public._settle_transfers_of_call() is 'The end of a call is the end of its transfer, and a call that was taken counts as transferred.';
create trigger call_logs_settle_transfers before update of status on public.call_logs
  for each row when (old.status = 'in_progress' and new.status <> 'in_progress') execute function public._settle_transfers_of_call();

-- ---------------------------------------------------------------------------------------------------------------------
-- Whom to ring

create function public._says_a_number(heard text) returns boolean
language sql immutable set search_path = ''
as $$
  select coalesce(heard ~ '[0-9]([ ().+-]*[0-9]){2,}'
    or public._spoken(heard) ~ '(\m(zero|oh|one|two|three|four|five|six|seven|eight|nine|hundred|thousand|double|triple)\M ?){3,}'
    or public._spoken(heard) ~ '\m(number|extension|premium)\M', false)
$$;
comment on function public._says_a_number(text) is 'Whether somebody asks for a telephone number instead of a person.';

create function public._is_caller(me public.line_identity, person public.employees) returns boolean
language sql stable set search_path = ''
as $$
  select coalesce(person.phone = me.from_number, false)
    or exists (select from public.technicians t where t.company_id = me.company_id and t.id = me.technician_id and t.employee_id = person.id)
$$;
comment on function public._is_caller(public.line_identity, public.employees) is 'Whether this person is the one who calls: their own phone is never rung.';

create function public._people_to_ring(me public.line_identity, department_id uuid, among uuid[], at_most integer) returns uuid[]
language plpgsql stable set search_path = ''
as $$
declare
  person public.employees;
  found uuid[] := '{}';
begin
  for person in
    select e.* from public.employees e
    left join public.departments d on d.company_id = e.company_id and d.id = e.department_id
    where e.company_id = me.company_id and e.active and e.phone is not null and e.status = 'available'
      and (_people_to_ring.department_id is null or e.department_id = _people_to_ring.department_id)
      and (_people_to_ring.among is null or e.id = any (_people_to_ring.among))
    order by d.routing_priority nulls last, d.name, e.routing_priority, e.name limit 50
  loop
    exit when cardinality(found) >= at_most;
    if not public._is_caller(me, person) and (public._person_reachable(person, public.fieldline_now()) -> 'reachable')::boolean then
      found := found || person.id;
    end if;
  end loop;
  return found;
end $$;
comment on function public._people_to_ring(public.line_identity, uuid, uuid[], integer) is 'Who of a department, of these, or of everybody can be rung now, in the order of routing_priority; never the caller.';

create function public._people_on_call(me public.line_identity) returns uuid[]
language sql stable set search_path = ''
as $$
  select coalesce((array_agg(e.id order by o.n nulls last, e.routing_priority, e.name))[1:5], '{}')
  from public.employees e
  join public.company_info i on i.company_id = e.company_id
  left join lateral (select x.n from jsonb_array_elements_text(coalesce(i.settings -> 'on_call', '[]')) with ordinality x (id, n)
    where x.id = e.id::text order by x.n limit 1) o on true
  where e.company_id = me.company_id and e.active and e.phone is not null and not public._is_caller(me, e)
    and (o.n is not null or exists (select from unnest(e.roles) r where public._spoken(r) in ('on call', 'oncall')))
$$;
comment on function public._people_on_call(public.line_identity) is 'Who is rung in danger, at any hour: those of the setting on_call, then whoever has the role "on-call".';

create function public._allow_transfer(me public.line_identity, emergency boolean) returns void
language plpgsql stable set search_path = ''
as $$
declare
  a_call integer := case when emergency then 20 else 10 end;
  a_day integer := case when me.from_number is null then 200 else 60 end;
begin
  if (select count(*) from public.transfers t where t.company_id = me.company_id and t.call_id = me.call_id) >= a_call
    or (select count(*) from public.line_requests r where r.company_id = me.company_id and r.call_id = me.call_id and r.function = 'transfer_begin') >= a_call
    or not emergency and (select count(*) from public.transfers t join public.call_logs c on c.company_id = t.company_id and c.id = t.call_id
      where t.company_id = me.company_id and t.started_at > public.fieldline_now() - interval '1 day'
        and c.from_number is not distinct from me.from_number) >= a_day then
    perform public._refuse('FL094', 'too_many_transfers', '{}', 'I have tried as often as I may. I can take a message.');
  end if;
end $$;
comment on function public._allow_transfer(public.line_identity, boolean) is 'Ten attempts a call (twenty in danger) and sixty a day from one number: each costs money and somebody''s patience.';

create function public._unreachable(me public.line_identity, match public.directory_match) returns void
language plpgsql stable set search_path = ''
as $$
declare
  facts jsonb := public._match_facts(me, match);
  place uuid := (select e.department_id from public.employees e where match.kind = 'employee' and e.id = match.id);
  others uuid[] := case when place is not null then public._people_to_ring(me, place, null, 1) else '{}' end;
begin
  perform public._refuse('FL091', 'not_reachable', jsonb_build_object('kind', match.kind, 'name', facts -> 'name', 'department', facts -> 'department',
    'reason', facts -> 'reason', 'next_at', facts -> 'next_at',
    'other', (select e.name from public.employees e where e.id = others[1])), 'They cannot be reached right now. Shall I take a message?');
end $$;
comment on function public._unreachable(public.line_identity, public.directory_match) is 'Refuses because nobody of those can be rung now, and names a colleague who can.';

create function public._transfer_people(me public.line_identity, match public.directory_match, heard text, department text) returns uuid[]
language plpgsql stable set search_path = ''
as $$
declare
  person public.employees;
  found uuid[];
begin
  if match.kind is null then
    found := public._people_to_ring(me, null, null, 4);
    if cardinality(found) = 0 then
      perform public._refuse('FL092', 'nobody_reachable', jsonb_build_object('open', public._open_at(me.company_id, null, null, public.fieldline_now()) -> 'reachable',
        'next_at', public._utc((public._open_at(me.company_id, null, null, public.fieldline_now()) ->> 'next_at')::timestamptz)),
        'Nobody can be reached right now. Shall I take a message?');
    end if;
    return found;
  elsif match.kind = 'department' then
    found := public._people_to_ring(me, match.id, null, 4);
  elsif match.by_name then
    select e.* into person from public.employees e where e.id = match.id;
    if public._is_caller(me, person) then
      perform public._refuse('FL093', 'transfer_to_self', jsonb_build_object('name', person.name), 'That is your own phone.');
    end if;
    found := public._people_to_ring(me, null, array[match.id], 1);
  else
    found := public._people_to_ring(me, null, array(select m.id from public._directory(me, heard, department) m where m.kind = 'employee'), 4);
  end if;
  if cardinality(found) = 0 then
    perform public._unreachable(me, match);
  end if;
  return found;
end $$;
comment on function public._transfer_people(public.line_identity, public.directory_match, text, text) is 'The people behind a match who can be rung now: that one, the department, everybody who does it, or, without a match, whoever is there.';

create function public.transfer_begin(
  call_id uuid, request_id text, whom text default null, department text default null, about text default null,
  emergency boolean default false, employee_id uuid default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(transfer_begin.call_id);
  answer jsonb := public._answered(me, 'transfer_begin', transfer_begin.request_id);
  heard text := public._clean_text(transfer_begin.whom, 200, false);
  place text := public._clean_text(transfer_begin.department, 200, false);
  reason text := left(public._clean_text(transfer_begin.about, 2000, false), 300);
  match public.directory_match;
  people uuid[];
  plan jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  if public._says_a_number(heard) or public._says_a_number(place) then
    perform public._refuse('FL090', 'outside_number', jsonb_build_object('heard', left(coalesce(heard, place), 100)),
      'I can only connect you to people of this company.');
  end if;
  perform public._allow_transfer(me, coalesce(transfer_begin.emergency, false));
  if transfer_begin.employee_id is not null then
    people := array(select e.id from public.employees e
      where e.company_id = me.company_id and e.id = transfer_begin.employee_id and e.active and e.phone is not null and not public._is_caller(me, e));
  elsif coalesce(transfer_begin.emergency, false) then
    people := public._people_on_call(me);
    people := case when cardinality(people) > 0 then people else public._people_to_ring(me, null, null, 4) end;
  else
    match := public._message_for(me, heard, place);
    people := public._transfer_people(me, match, heard, place);
  end if;
  if cardinality(people) = 0 then
    perform public._refuse('FL095', 'nobody_on_call', '{}', 'I cannot reach anybody of the company right now.');
  end if;
  plan := jsonb_build_object(
    'kind', coalesce(match.kind, 'anyone'),
    'name', coalesce((select d.name from public.departments d where match.kind = 'department' and d.id = match.id),
      (select e.name from public.employees e where match.by_name and e.id = match.id)),
    'people', (select jsonb_agg(jsonb_build_object('name', e.name, 'department', d.name) order by p.n)
      from unnest(people) with ordinality p (id, n) join public.employees e on e.id = p.id
      left join public.departments d on d.company_id = e.company_id and d.id = e.department_id),
    'other', (select e.name from public.employees e where match.by_name and e.id = (
      select o from unnest(public._people_to_ring(me, (select x.department_id from public.employees x where x.id = people[1] and x.department_id is not null), null, 2)) o
      where o <> people[1] limit 1)),
    'emergency', coalesce(transfer_begin.emergency, false));
  return public._keep_answer(me, 'transfer_begin', transfer_begin.request_id,
    jsonb_build_object('people', to_jsonb(people), 'about', reason, 'emergency', coalesce(transfer_begin.emergency, false)), plan);
end $$;
comment on function public.transfer_begin(uuid, text, text, text, text, boolean, uuid) is 'Plans a transfer: who may be rung for this, in order. Somebody by name, a department, a role, or whoever is there; in danger the people on call; from the console the employee who takes over.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Ringing

create function public._transfer_job(me public.line_identity, call public.call_logs) returns jsonb
language sql stable set search_path = ''
as $$
  select public._job_label(w) from public.work_orders w
  where w.company_id = me.company_id
    and case when me.technician_id is not null
      then w.id = coalesce((select s.work_order_id from public.voice_agent_sessions s where s.id = me.session_id), (select j.id from public._jobs_in_progress(me) j limit 1))
      else w.customer_id = call.customer_id and w.status in ('pending', 'scheduled', 'in_progress') end
  order by w.status = 'in_progress' desc, w.scheduled_for nulls last, w.number limit 1
$$;
comment on function public._transfer_job(public.line_identity, public.call_logs) is 'The job that a transfer is likely about: the technician''s current one, or the customer''s next visit.';

create function public._ring_facts(me public.line_identity, attempt public.transfers) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'attempt', attempt.attempt, 'name', e.name, 'first_name', split_part(e.name, ' ', 1),
    'department', (select d.name from public.departments d where d.company_id = attempt.company_id and d.id = attempt.department_id),
    'number', attempt.number, 'caller_id', c.to_number, 'emergency', attempt.emergency, 'about', attempt.about,
    'ring_seconds', coalesce((i.settings ->> 'transfer_ring_seconds')::numeric, 25),
    'refer', coalesce((i.settings ->> 'refer_transfers')::boolean, false),
    'caller', jsonb_build_object('name', coalesce(me.technician_name, c.caller_name), 'number', c.from_number,
      'kind', case when me.technician_id is not null then 'technician' when c.customer_id is not null then 'customer'
        when c.employee_id is not null then 'employee' end),
    'job', public._transfer_job(me, c))
  from public.call_logs c
  join public.employees e on e.id = attempt.employee_id
  join public.company_info i on i.company_id = c.company_id
  where c.id = attempt.call_id
$$;
comment on function public._ring_facts(public.line_identity, public.transfers) is 'What the line needs to ring somebody and to tell them who waits.';

create function public.transfer_ring(call_id uuid, request_id text, turn integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(transfer_ring.call_id);
  plan jsonb := (select r.arguments from public.line_requests r
    where r.call_id = me.call_id and r.function = 'transfer_begin' and r.request_id = transfer_ring.request_id);
  person public.employees;
  attempt public.transfers;
begin
  select e.* into person from public.employees e
    where e.company_id = me.company_id and e.active and e.phone is not null and e.id = (plan #>> array['people', (transfer_ring.turn - 1)::text])::uuid;
  if not found or transfer_ring.turn < 1 then
    perform public._refuse('FL096', 'transfer_unknown', jsonb_build_object('turn', transfer_ring.turn), 'There is nobody else to try.');
  end if;
  -- Two calls that want the same person queue here.
  perform pg_advisory_xact_lock(hashtextextended('transfer ' || person.id, 0));
  select t.* into attempt from public.transfers t
    where t.call_id = me.call_id and t.request_id = transfer_ring.request_id and t.turn = transfer_ring.turn;
  if found then
    return public._ring_facts(me, attempt);
  end if;
  update public.transfers t set ended_at = greatest(t.held_until, t.answered_at), outcome = 'failed'
    where t.company_id = me.company_id and t.employee_id = person.id and t.ended_at is null and t.outcome is null and t.held_until < public.fieldline_now();
  if exists (select from public.transfers t where t.company_id = me.company_id and t.employee_id = person.id and t.ended_at is null) then
    perform public._refuse('FL097', 'employee_taken', jsonb_build_object('name', person.name), 'They are just talking to another caller.');
  end if;
  insert into public.transfers (company_id, call_id, attempt, request_id, turn, employee_id, department_id, number, about, emergency, held_until)
  values (me.company_id, me.call_id,
    coalesce((select max(t.attempt) from public.transfers t where t.call_id = me.call_id), 0) + 1,
    transfer_ring.request_id, transfer_ring.turn, person.id, person.department_id, person.phone, plan ->> 'about', (plan ->> 'emergency')::boolean,
    -- Ringing at most two minutes, then the briefing with its answer and a message.
    public.fieldline_now() + interval '4 minutes')
  returning * into attempt;
  return public._ring_facts(me, attempt);
end $$;
comment on function public.transfer_ring(uuid, text, integer) is 'Claims one person of a plan for this call and gives their number. Refused while they are rung for, or talk to, another caller.';

create function public.transfer_report(
  call_id uuid, attempt integer, state text, sip_status integer default null, sip_reason text default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(transfer_report.call_id);
  moment timestamptz := public.fieldline_now();
  seen public.transfers;
begin
  select t.* into seen from public.transfers t
    where t.company_id = me.company_id and t.call_id = me.call_id and t.attempt = transfer_report.attempt for update;
  if not found then
    perform public._refuse('FL096', 'transfer_unknown', jsonb_build_object('turn', transfer_report.attempt), 'There is nobody else to try.');
  elsif seen.ended_at is not null or seen.outcome is not null and transfer_report.state <> 'ended' then
    return jsonb_build_object('attempt', seen.attempt, 'outcome', seen.outcome, 'talk_seconds', seen.talk_seconds, 'already', true);
  end if;
  update public.transfers t set
    answered_at = case when transfer_report.state in ('answered', 'accepted') then coalesce(t.answered_at, moment) else t.answered_at end,
    -- Of two reports at once the later one may have begun first.
    connected_at = case when transfer_report.state = 'accepted' then greatest(moment, t.answered_at) else t.connected_at end,
    outcome = case when transfer_report.state = 'answered' then null when transfer_report.state = 'ended' then coalesce(t.outcome, 'caller_left') else transfer_report.state end,
    ended_at = case when transfer_report.state in ('answered', 'accepted') then null else greatest(moment, t.connected_at, t.answered_at) end,
    sip_status = coalesce(transfer_report.sip_status, t.sip_status),
    sip_reason = coalesce(left(public._clean_text(transfer_report.sip_reason, 2000, false), 200), t.sip_reason)
    where t.id = seen.id returning * into seen;
  if seen.outcome = 'accepted' then
    update public.call_logs c set employee_id = seen.employee_id, last_activity_at = moment where c.id = me.call_id;
  end if;
  return jsonb_build_object('attempt', seen.attempt, 'outcome', seen.outcome, 'talk_seconds', seen.talk_seconds, 'already', false);
end $$;
comment on function public.transfer_report(uuid, integer, text, integer, text) is 'What became of an attempt: answered, one of the outcomes, or ended after an accept. The first outcome stands.';

create function public.transfer_missed(call_id uuid, request_id text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(transfer_missed.call_id);
begin
  return jsonb_build_object('told', public._tell_missed_transfer((select c from public.call_logs c where c.id = me.call_id), transfer_missed.request_id));
end $$;
comment on function public.transfer_missed(uuid, text) is 'A plan has ended and nobody took the call: the office hears of it, once. Not of one that was accepted, became a message, or gave way to those on call.';

create function public.transfer_resume(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(transfer_resume.call_id);
begin
  update public.transfers t set outcome = 'failed', ended_at = greatest(public.fieldline_now(), t.answered_at)
    where t.company_id = me.company_id and t.call_id = me.call_id and t.outcome is null;
  return (select jsonb_build_object('connected', count(*) > 0, 'attempt', max(t.attempt), 'name', max(e.name))
    from public.transfers t join public.employees e on e.id = t.employee_id
    where t.company_id = me.company_id and t.call_id = me.call_id and t.outcome = 'accepted' and t.ended_at is null);
end $$;
comment on function public.transfer_resume(uuid) is 'For a job that goes on with a call whose job died: attempts that were under way have failed; says whether caller and employee are talking.';

-- Grants and row level security --------------------------------------------------------------------------------------

grant execute on function
  public.transfer_begin(uuid, text, text, text, text, boolean, uuid), public.transfer_ring(uuid, text, integer),
  public.transfer_report(uuid, integer, text, integer, text), public.transfer_missed(uuid, text), public.transfer_resume(uuid),
  -- The settings' constraint asks it with the rights of whoever writes.
  public._uuids_fit(jsonb), public._whole_fits(jsonb, integer, integer)
to authenticated, service_role;

alter table public.transfers enable row level security;
revoke all on public.transfers from anon, authenticated;
grant select on public.transfers to authenticated;
create policy "Members read their company's transfers" on public.transfers
  for select to authenticated using (company_id in (select public.my_companies()));

revoke execute on all functions in schema public from public, anon;
