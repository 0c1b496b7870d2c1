-- The technician's work by telephone: notes, messages of the office, finishing an order, the customer's past, the next
-- visit, and taking back what was just said.
--
-- Definer functions and why: all functions without an underscore, because the line's account has no table grants; each
-- checks that account first, through `_line_technician`. Those with an underscore work with the rights of whoever calls.

-- ---------------------------------------------------------------------------------------------------------------------
-- Notes

create function public._alert_office(me public.line_identity, job public.work_orders, note text) returns void
language plpgsql set search_path = ''
as $$
begin
  perform public._notify_office(me.company_id, 'note_alert',
    format('%s on work order %s, %s: %s', me.technician_name, job.number, public._job_label(job) ->> 'customer', note), job.id, 'high');
end $$;
comment on function public._alert_office(public.line_identity, public.work_orders, text) is 'Puts a technician''s note before the office at once.';

create function public.add_note(
  call_id uuid, request_id text, note text, number bigint default null, alert_office boolean default false,
  best_effort boolean default false, audio_path text default null, again boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(add_note.call_id);
  answer jsonb := public._answered(me, 'add_note', add_note.request_id);
  words text;
  job public.work_orders;
  key jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  words := public._clean_text(add_note.note, 2000);
  job := public._pick_job(me, add_note.number);
  key := jsonb_build_object('number', job.number, 'note', public._plain_words(words), 'alert_office', coalesce(add_note.alert_office, false));
  answer := public._just_done(me, 'add_note', key, add_note.again);
  if answer is null then
    insert into public.work_order_notes (company_id, work_order_id, technician_id, note_text, alert_office, best_effort, audio_path)
    values (me.company_id, job.id, me.technician_id, words, coalesce(add_note.alert_office, false), coalesce(add_note.best_effort, false),
      public._clean_text(add_note.audio_path, 500, false));
    if add_note.alert_office then
      perform public._alert_office(me, job, words);
    end if;
    answer := jsonb_build_object('job', public._job_facts(job), 'note', words, 'alerted', coalesce(add_note.alert_office, false), 'repeated', false);
  end if;
  perform public._on_job(me.session_id, job.id);
  return public._keep_answer(me, 'add_note', add_note.request_id, key, answer);
end $$;
comment on function public.add_note(uuid, text, text, bigint, boolean, boolean, text, boolean) is 'Notes something on the caller''s order, and tells the office when it should know at once.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What the office says

create function public.read_notifications(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(read_notifications.call_id);
begin
  return jsonb_build_object('notifications', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', u.id, 'message', u.message, 'priority', u.priority, 'from', u.sender, 'at', public._utc(u.created_at), 'job_number', u.job_number)
      order by u.rank, u.created_at, u.id), '[]')
    from (
      select n.*, array_position(array['urgent', 'high', 'normal'], n.priority::text) as rank, w.number as job_number
      from (
        select m.id, m.message, m.priority, m.created_at, m.work_order_id,
          coalesce((select e.name from public.employees e
            where m.created_by_type = 'employee' and e.company_id = m.company_id and e.id::text = m.created_by_id), 'the office') as sender
        from public.manual_notifications m
        where m.company_id = me.company_id and m.technician_id = me.technician_id and not m.is_read
        union all
        select s.id, s.message, s.priority, s.created_at, s.work_order_id, 'the office'
        from public.notifications s
        where s.company_id = me.company_id and s.technician_id = me.technician_id and not s.is_read
      ) n
      left join public.work_orders w on w.company_id = me.company_id and w.id = n.work_order_id
      order by rank, n.created_at, n.id limit 20
    ) u));
end $$;
comment on function public.read_notifications(uuid) is 'The caller''s unread notifications, urgent first, then the oldest; at most twenty at a time.';

create function public.mark_notifications_read(call_id uuid, request_id text, ids bigint[]) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(mark_notifications_read.call_id);
  answer jsonb := public._answered(me, 'mark_notifications_read', mark_notifications_read.request_id);
  marked integer;
begin
  if answer is not null then
    return answer;
  end if;
  with office as (
    update public.manual_notifications m set is_read = true
    where m.company_id = me.company_id and m.technician_id = me.technician_id and not m.is_read and m.id = any (mark_notifications_read.ids)
    returning 1
  ), automatic as (
    update public.notifications n set is_read = true
    where n.company_id = me.company_id and n.technician_id = me.technician_id and not n.is_read and n.id = any (mark_notifications_read.ids)
    returning 1
  )
  select (select count(*) from office) + (select count(*) from automatic) into marked;
  return public._keep_answer(me, 'mark_notifications_read', mark_notifications_read.request_id,
    jsonb_build_object('ids', to_jsonb(mark_notifications_read.ids)), jsonb_build_object('marked', marked));
end $$;
comment on function public.mark_notifications_read(uuid, text, bigint[]) is 'Marks notifications of the caller''s own as read; others'' are passed over.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Finishing

create function public._ask_before_completing(job public.work_orders, summary text, confirmed boolean) returns void
language plpgsql stable set search_path = ''
as $$
declare
  facts jsonb := public._job_label(job) || jsonb_build_object('summary', summary, 'status', job.status);
begin
  if job.status not in ('pending', 'scheduled', 'in_progress') then
    perform public._refuse('FL022', 'job_wrong_state', facts, format('Work order %s is %s.', job.number, job.status));
  elsif confirmed then
    return;
  elsif job.status <> 'in_progress' then
    perform public._refuse('FL023', 'not_arrived', facts,
      format('You have not arrived at work order %s. Complete it anyway?', job.number));
  end if;
  perform public._refuse('FL028', 'confirm_completion', facts, format('Complete work order %s?', job.number));
end $$;
comment on function public._ask_before_completing(public.work_orders, text, boolean) is 'A completion is read back first; one without an arrival says so.';

create function public._finish_job(me public.line_identity, job public.work_orders, summary text) returns public.work_orders
language plpgsql set search_path = ''
as $$
declare
  done public.work_orders := job;
begin
  if job.status <> 'in_progress' then
    done := public._move_order(job.id, 'in_progress');
  end if;
  done := public._move_order(job.id, 'completed', summary);
  update public.travel_logs t set travel_end_time = greatest(public.fieldline_now(), t.travel_start_time)
  where t.technician_id = me.technician_id and t.work_order_id = job.id and t.travel_end_time is null;
  insert into public.customer_history (company_id, customer_id, work_order_id, notes, created_by_type, created_by_id)
  values (me.company_id, job.customer_id, job.id, summary, 'technician', me.technician_id::text);
  return done;
end $$;
comment on function public._finish_job(public.line_identity, public.work_orders, text) is 'Completes an order with all that goes with it: the drive to it, and the customer''s history.';

create function public.complete_job(call_id uuid, request_id text, summary text, number bigint default null, confirmed boolean default false)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(complete_job.call_id);
  answer jsonb := public._answered(me, 'complete_job', complete_job.request_id);
  words text;
  job public.work_orders;
  done public.work_orders;
begin
  if answer is not null then
    return answer;
  end if;
  words := public._clean_text(complete_job.summary, 2000);
  -- A repeat without a number must not reach for the next order: what this call has just completed comes first.
  if complete_job.number is not null or not exists (select from public._jobs_in_progress(me)) then
    answer := public._just_completed(me, complete_job.number);
  end if;
  if answer is not null then
    return public._keep_answer(me, 'complete_job', complete_job.request_id, '{}', answer);
  end if;
  job := public._pick_job(me, complete_job.number, 'now');
  -- Without a number, a yes counts only for the order in progress; for any other it has to be said which.
  perform public._ask_before_completing(job, words,
    coalesce(complete_job.confirmed, false) and (complete_job.number is not null or job.status = 'in_progress'));
  done := public._finish_job(me, job, words);
  perform public._on_job(me.session_id, job.id);
  return public._keep_answer(me, 'complete_job', complete_job.request_id, jsonb_build_object('number', job.number), jsonb_build_object(
    'job', public._job_facts(done),
    'completed_at', public._utc(done.completed_at),
    'minutes_on_site', round(extract(epoch from done.completed_at - job.started_at) / 60)::integer,
    'next_job', public._job_facts(public._next_job(me)),
    'already', false));
end $$;
comment on function public.complete_job(uuid, text, text, bigint, boolean) is 'Completes the caller''s order with a summary, after a yes. Completed on this call already answers already.';

create function public._just_completed(me public.line_identity, number bigint) returns jsonb
language sql stable set search_path = ''
as $$
  select r.result || '{"already": true}'
  from public.line_requests r
  where r.company_id = me.company_id and r.call_id = me.call_id and r.function = 'complete_job' and r.arguments <> '{}'
    and (case when _just_completed.number is null then r.created_at > public.fieldline_now() - interval '2 minutes'
      else (r.arguments ->> 'number')::bigint = _just_completed.number end)
  order by r.created_at desc, r.id desc limit 1
$$;
comment on function public._just_completed(public.line_identity, bigint) is 'The answer of a completion on this call: of this order at any time, of any order in the last two minutes.';

-- ---------------------------------------------------------------------------------------------------------------------
-- The customer's past

create function public._visits(job public.work_orders, zone text) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'number', w.number, 'title', w.title, 'date', to_char(w.scheduled_for at time zone _visits.zone, 'YYYY-MM-DD'),
    'status', w.status, 'by', public._technician_name(w.assigned_technician_id), 'summary', w.completion_summary) order by w.scheduled_for desc, w.number desc), '[]')
  from (
    select x.* from public.work_orders x
    where x.company_id = job.company_id and x.customer_id = job.customer_id and x.id <> job.id
      and x.scheduled_for <= public.fieldline_now()
    order by x.scheduled_for desc limit 10
  ) w
$$;
comment on function public._visits(public.work_orders, text) is 'The last ten other visits to an order''s customer, newest first.';

create function public._remarks(job public.work_orders) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('text', h.notes, 'at', public._utc(h.created_at)) order by h.created_at desc, h.id desc), '[]')
  from (
    select x.* from public.customer_history x
    where x.company_id = job.company_id and x.customer_id = job.customer_id
    order by x.created_at desc, x.id desc limit 10
  ) h
$$;
comment on function public._remarks(public.work_orders) is 'The last ten entries of the customer''s history, newest first.';

create function public.customer_history(call_id uuid, number bigint default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(customer_history.call_id);
  job public.work_orders := public._pick_job(me, customer_history.number, 'next');
  customer public.customers;
begin
  select c.* into customer from public.customers c where c.company_id = job.company_id and c.id = job.customer_id;
  return jsonb_build_object(
    'customer', customer.name,
    'is_new', customer.is_new_customer,
    'visits', public._visits(job, me.zone),
    'notes', public._remarks(job));
end $$;
comment on function public.customer_history(uuid, bigint) is 'Earlier visits and remarks at the customer of one of the caller''s orders.';

-- ---------------------------------------------------------------------------------------------------------------------
-- The next visit

create function public._visit_length() returns interval
language sql immutable set search_path = ''
as $$ select interval '2 hours' $$;
comment on function public._visit_length() is 'How long a booked visit takes.';

create function public._time_of(heard text) returns time
language plpgsql immutable set search_path = ''
as $$
declare
  said text := replace(replace(lower(btrim(heard)), '.', ''), ' ', '');
  parts text[] := regexp_match(said, '^([0-9]{1,2})(?::([0-9]{2}))?(am|pm|o''?clock)?$');
  hour integer := parts[1]::integer;
  minute integer := coalesce(parts[2], '0')::integer;
begin
  if said in ('noon', 'midday') then
    return time '12:00';
  elsif parts is null or hour > 23 or minute > 59 or (parts[3] in ('am', 'pm') and hour not between 1 and 12) then
    return null;
  elsif parts[3] = 'am' then
    hour := hour % 12;
  elsif parts[3] = 'pm' then
    hour := hour % 12 + 12;
  -- "At two" is the afternoon: nobody is sent out at two in the night.
  elsif hour < 6 and left(said, 1) <> '0' then
    hour := hour + 12;
  end if;
  return make_time(hour, minute, 0);
end $$;
comment on function public._time_of(text) is 'A time as people and models say it (14:30, 2 pm, 9, noon), or null.';

create function public._day_open(me public.line_identity, day date) returns tstzmultirange
language sql stable set search_path = ''
as $$
  select public.open_hours(i.business_hours, i.timezone, day::timestamp at time zone i.timezone, (day + 1)::timestamp at time zone i.timezone)
  from public.company_info i where i.company_id = me.company_id
$$;
comment on function public._day_open(public.line_identity, date) is 'When the company works on a day.';

create function public._job_in_the_way(me public.line_identity, begins timestamptz) returns bigint
language sql stable set search_path = ''
as $$
  select w.number from public.work_orders w
  where w.company_id = me.company_id and w.assigned_technician_id = me.technician_id
    and w.status in ('pending', 'scheduled', 'in_progress')
    and w.scheduled_for > begins - interval '1 day' and w.scheduled_for < begins + public._visit_length()
    and coalesce(w.ends_at, w.scheduled_for + public._visit_length()) > begins
  order by w.scheduled_for limit 1
$$;
comment on function public._job_in_the_way(public.line_identity, timestamptz) is 'The number of an order of the caller''s that overlaps a visit beginning then, or null.';

create function public._free_slot(me public.line_identity, day date, customer_id bigint, part_of_day text) returns timestamptz
language sql stable set search_path = ''
as $$
  select slot.begins
  from unnest(array['08:00', '10:00', '13:00', '14:00']::time[]) as t (time_)
  cross join lateral (select (day + t.time_) at time zone me.zone) as slot (begins)
  left join public.customers c on c.company_id = me.company_id and c.id = _free_slot.customer_id
  where slot.begins > public.fieldline_now()
    and public._day_open(me, day) @> tstzrange(slot.begins, slot.begins + public._visit_length())
    and public._job_in_the_way(me, slot.begins) is null
    and case part_of_day when 'morning' then t.time_ < '12:00' when 'afternoon' then t.time_ >= '12:00' else true end
  order by (t.time_ >= c.preferred_schedule_start and t.time_ < c.preferred_schedule_end) desc nulls last, t.time_
  limit 1
$$;
comment on function public._free_slot(public.line_identity, date, bigint, text) is 'The caller''s first free standard slot of a day, one that the customer prefers before others; null when there is none.';

create function public._check_day(me public.line_identity, day date) returns void
language plpgsql stable set search_path = ''
as $$
declare
  facts jsonb := jsonb_build_object('date', to_char(day, 'YYYY-MM-DD'), 'weekday', to_char(day, 'FMDay'));
begin
  if day < public._today(me) then
    perform public._refuse('FL051', 'date_in_past', facts, 'That day is over.');
  elsif isempty(public._day_open(me, day)) then
    perform public._refuse('FL053', 'outside_hours', facts || '{"opens": null, "closes": null}', 'The company does not work that day.');
  elsif (select count(*) from public._jobs_on(me, day)) >= 2 then
    perform public._refuse('FL052', 'day_full', facts, 'You already have two work orders that day.');
  end if;
end $$;
comment on function public._check_day(public.line_identity, date) is 'A visit can be booked on a day that is not over, on which the company works and the caller has fewer than two orders.';

create function public._check_time(me public.line_identity, day date, begins timestamptz) returns void
language plpgsql stable set search_path = ''
as $$
declare
  hours tstzmultirange := public._day_open(me, day);
  facts jsonb := jsonb_build_object('date', to_char(day, 'YYYY-MM-DD'), 'weekday', to_char(day, 'FMDay'),
    'time', to_char(begins at time zone me.zone, 'HH24:MI'));
  in_the_way bigint := public._job_in_the_way(me, begins);
begin
  if begins <= public.fieldline_now() then
    perform public._refuse('FL051', 'date_in_past', facts, 'That time is over.');
  elsif not hours @> tstzrange(begins, begins + public._visit_length()) then
    perform public._refuse('FL053', 'outside_hours', facts || jsonb_build_object(
      'opens', to_char(lower(hours) at time zone me.zone, 'HH24:MI'), 'closes', to_char(upper(hours) at time zone me.zone, 'HH24:MI')),
      'A two-hour visit at that time does not fit into the working hours.');
  elsif in_the_way is not null then
    perform public._refuse('FL054', 'time_taken', facts || jsonb_build_object('number', in_the_way),
      format('Work order %s is in the way.', in_the_way));
  end if;
end $$;
comment on function public._check_time(public.line_identity, date, timestamptz) is 'A visit has to lie ahead, inside the working hours from start to end, and not over another order.';

create function public._visit_time(me public.line_identity, day date, heard text, customer_id bigint) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  part_of_day text := substring(lower(heard) from '(morning|afternoon)');
  at time := case when part_of_day is null then public._time_of(heard) end;
  begins timestamptz;
begin
  if nullif(btrim(heard), '') is not null and part_of_day is null then
    if at is null then
      perform public._bad_date(heard);
    end if;
    begins := (day + at) at time zone me.zone;
    perform public._check_time(me, day, begins);
    return begins;
  end if;
  begins := public._free_slot(me, day, customer_id, part_of_day);
  if begins is null then
    perform public._refuse('FL052', 'day_full', jsonb_build_object('date', to_char(day, 'YYYY-MM-DD'), 'weekday', to_char(day, 'FMDay')),
      'There is no free time left on that day.');
  end if;
  return begins;
end $$;
comment on function public._visit_time(public.line_identity, date, text, bigint) is 'When a visit begins: at the time that was said if it fits, else in the first free slot.';

create function public.book_follow_up(
  call_id uuid, request_id text, day text, time_of_day text default null, reason text default null, number bigint default null, again boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(book_follow_up.call_id);
  answer jsonb := public._answered(me, 'book_follow_up', book_follow_up.request_id);
  source public.work_orders;
  wanted date;
  key jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  source := public._pick_job(me, book_follow_up.number, 'last');
  wanted := public._day_of(book_follow_up.day, public._today(me));
  -- The reason is not part of it: a model words it differently each time, and the visit would be the same one.
  key := jsonb_build_object('number', source.number, 'date', wanted, 'time', lower(coalesce(btrim(book_follow_up.time_of_day), '')));
  answer := public._just_done(me, 'book_follow_up', key, book_follow_up.again);
  if answer is null then
    -- Two bookings at once, on two calls, would each find the day free.
    perform from public.technicians t where t.id = me.technician_id for no key update;
    perform public._check_day(me, wanted);
    answer := jsonb_build_object('repeated', false, 'job', public._job_facts(public._insert_follow_up(me, source,
      public._visit_time(me, wanted, book_follow_up.time_of_day, source.customer_id), public._clean_text(book_follow_up.reason, 500, false))));
  end if;
  return public._keep_answer(me, 'book_follow_up', book_follow_up.request_id, key, answer);
end $$;
comment on function public.book_follow_up(uuid, text, text, text, text, bigint, boolean) is 'Books the caller''s next visit to the customer of an order: inside the working hours, two orders a day at most, at the first free slot when no time is said.';

create function public._insert_follow_up(me public.line_identity, source public.work_orders, begins timestamptz, reason text) returns public.work_orders
language sql set search_path = ''
as $$
  insert into public.work_orders (company_id, customer_id, title, brief_description, order_type, status, assigned_technician_id,
    created_by_type, created_by_id, follow_up_of, scheduled_for, ends_at)
  values (me.company_id, source.customer_id, left('Follow-up: ' || regexp_replace(source.title, '^(Follow-up: )+', ''), 255),
    coalesce(reason, format('Follow-up to work order %s.', source.number)),
    case when source.order_type in ('repair', 'maintenance') then source.order_type else 'maintenance' end,
    'scheduled', me.technician_id, 'technician', me.technician_id::text, source.id, begins, begins + public._visit_length())
  returning *
$$;
comment on function public._insert_follow_up(public.line_identity, public.work_orders, timestamptz, text) is 'Writes the follow-up order; what follows an installation or upgrade is maintenance.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Taking back

create function public._last_note(me public.line_identity) returns public.work_order_notes
language sql stable set search_path = ''
as $$
  select n.* from public.work_order_notes n
  where n.company_id = me.company_id and n.technician_id = me.technician_id and n.deleted_at is null
    and n.created_at > public.fieldline_now() - interval '24 hours'
  order by n.created_at desc, n.id desc limit 1
$$;
comment on function public._last_note(public.line_identity) is 'The caller''s last note of the last 24 hours that is not struck.';

create function public._last_movement(me public.line_identity) returns public.stock_movements
language sql stable set search_path = ''
as $$
  select m.* from public.stock_movements m
  where m.company_id = me.company_id and m.technician_id = me.technician_id and m.reason in ('used', 'taken')
    and m.created_at > public.fieldline_now() - interval '24 hours'
    and not exists (select from public.stock_movements r where r.company_id = m.company_id and r.reverses_id = m.id)
  order by m.created_at desc, m.id desc limit 1
$$;
comment on function public._last_movement(public.line_identity) is 'The caller''s last use or taking of parts of the last 24 hours that is not undone.';

create type public.line_entry as (kind text, made_at timestamptz, note public.work_order_notes, movement public.stock_movements);
comment on type public.line_entry is 'One note or one stock movement that a technician entered by telephone.';

create function public._last_entry(me public.line_identity, kind text) returns public.line_entry
language plpgsql stable set search_path = ''
as $$
declare
  note public.work_order_notes := case when kind is null or kind = 'note' then public._last_note(me) end;
  movement public.stock_movements := case when kind is null or kind = 'part' then public._last_movement(me) end;
begin
  if note.id is null and movement.id is null then
    perform public._refuse('FL060', 'nothing_to_undo', jsonb_build_object('kind', kind),
      'There is no note or part entry of yours from the last day.');
  elsif movement.id is null or note.created_at > movement.created_at then
    return row('note', note.created_at, note, null)::public.line_entry;
  end if;
  return row('part', movement.created_at, null, movement)::public.line_entry;
end $$;
comment on function public._last_entry(public.line_identity, text) is 'The caller''s last note or part entry, of one kind when it is named.';

create function public._entry_facts(entry public.line_entry) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  job public.work_orders;
  item public.inventory_items;
begin
  select w.* into job from public.work_orders w where w.id = coalesce((entry.note).work_order_id, (entry.movement).work_order_id);
  if entry.kind = 'note' then
    return jsonb_build_object('kind', 'note', 'text', (entry.note).note_text, 'job', public._job_facts(job), 'at', public._utc(entry.made_at));
  end if;
  select i.* into item from public.inventory_items i where i.id = (entry.movement).item_id;
  return jsonb_build_object('kind', 'part', 'action', (entry.movement).reason, 'part', item.name,
    'quantity', abs((entry.movement).change), 'unit', item.unit, 'job', public._job_facts(job), 'at', public._utc(entry.made_at));
end $$;
comment on function public._entry_facts(public.line_entry) is 'An entry, to be read back.';

create function public.read_last_entry(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  return public._entry_facts(public._last_entry(public._line_technician(read_last_entry.call_id), null));
end $$;
comment on function public.read_last_entry(uuid) is 'Reads back the caller''s last note or part entry.';

create function public._put_back(me public.line_identity, movement public.stock_movements) returns void
language plpgsql set search_path = ''
as $$
declare
  original public.stock_movements;
  truck public.trucks;
  item public.inventory_items;
begin
  select i.* into item from public.inventory_items i where i.id = movement.item_id;
  -- By truck, as take_part locks them: two who undo and take at once cannot block each other.
  for original in
    select m.* from public.stock_movements m where m.id in (movement.id, movement.partner_id) order by m.truck_id
  loop
    select t.* into truck from public.trucks t where t.id = original.truck_id;
    perform public._move_stock(truck, item, -original.change, 'undone', original.work_order_id, me.technician_id, null, original.id);
  end loop;
end $$;
comment on function public._put_back(public.line_identity, public.stock_movements) is 'Takes back a movement, and for parts taken from another truck both its halves, by counter-movements.';

create function public.undo_last_entry(call_id uuid, request_id text, kind text default null, again boolean default false) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(undo_last_entry.call_id);
  answer jsonb := public._answered(me, 'undo_last_entry', undo_last_entry.request_id);
  wanted text := case when undo_last_entry.kind in ('note', 'part') then undo_last_entry.kind end;
  key jsonb := jsonb_build_object('kind', wanted);
  entry public.line_entry;
begin
  if answer is not null then
    return answer;
  end if;
  -- The repeat of an undo must not strike the entry before it; one that was made since then may be struck.
  answer := public._just_done(me, 'undo_last_entry', key, undo_last_entry.again);
  if answer is null or public._entered_since_undo(me, wanted) then
    entry := public._last_entry(me, wanted);
    if entry.kind = 'note' then
      update public.work_order_notes n set deleted_at = public.fieldline_now() where n.id = (entry.note).id;
    else
      perform public._put_back(me, entry.movement);
    end if;
    answer := public._entry_facts(entry) || '{"undone": true, "repeated": false}';
  end if;
  return public._keep_answer(me, 'undo_last_entry', undo_last_entry.request_id, key, answer);
end $$;
comment on function public.undo_last_entry(uuid, text, text, boolean) is 'Takes back the caller''s own last note or part entry of the last 24 hours: a note is struck, its text kept; stock goes back by a counter-movement.';

create function public._entered_since_undo(me public.line_identity, kind text) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  undone_at timestamptz := (
    select max(r.created_at) from public.line_requests r
    where r.company_id = me.company_id and r.call_id = me.call_id and r.function = 'undo_last_entry' and not (r.result -> 'repeated')::boolean);
begin
  return coalesce(greatest(
    case when kind is null or kind = 'note' then (public._last_note(me)).created_at end,
    case when kind is null or kind = 'part' then (public._last_movement(me)).created_at end) > undone_at, false);
end $$;
comment on function public._entered_since_undo(public.line_identity, text) is 'Whether the caller has entered something after the last undo of this call.';

revoke execute on all functions in schema public from public, anon;
grant execute on function
  public.add_note(uuid, text, text, bigint, boolean, boolean, text, boolean), public.read_notifications(uuid),
  public.mark_notifications_read(uuid, text, bigint[]), public.complete_job(uuid, text, text, bigint, boolean),
  public.customer_history(uuid, bigint), public.book_follow_up(uuid, text, text, text, text, bigint, boolean),
  public.read_last_entry(uuid), public.undo_last_entry(uuid, text, text, boolean)
to authenticated;
