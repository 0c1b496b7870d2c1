-- Sound and upkeep: messages whose words came too late, recordings, calls whose worker is gone, and what is done at night.
--
-- Sound lies in the storage (fieldline/storage.py); rows hold its key. What the offline ears took down is a guess, so the
-- sound of it is kept, goes out with the message, and is written out as soon as somebody can. Everything kept has an
-- end: each company's days are in its settings, and a row lets go of a key only after the file is gone.
--
-- livekit-server tells what happens in rooms (admin_api/routers/livekit_events.py). Its events come late, twice and in any
-- order, so none is believed: the API looks who is there now, and settle_room closes what no living worker will close.
--
-- Definer functions and why: the line's account has no table grants, so these work with the owner's rights, after asking
-- _line_account() who is calling:
--   settle_room, call_verdict, keep_recording, claim_deliveries, claim_transcriptions, settle_transcription, old_sounds,
--   forget_sound, prune_deliveries, tell_forgotten_clock_outs, tell_broken_hours, archive_by_itself
--   archive_orders           as before: nobody has the right to delete an order; what it does is shared now
--   _tell_recordings         a trigger: keeps call_logs.recording_url true, whoever deletes a recording

-- ---------------------------------------------------------------------------------------------------------------------
-- Calls whose worker is gone

create function public._is_served(call public.call_logs) returns boolean
language sql stable set search_path = ''
as $$
  -- The same five seconds as in worker_beat; a call can be over before the first beat that names it.
  select exists (
    select from public.voice_agent_sessions s
    join public.workers w on w.worker = s.worker and w.last_beat_at > public.fieldline_now() - interval '5 seconds'
    where s.call_id = call.id and s.is_active
      and (call.room = any (w.rooms) or s.session_start > public.fieldline_now() - interval '5 seconds'))
$$;
comment on function public._is_served(public.call_logs) is 'Whether a living worker says that it has this call.';

create function public.settle_room(room text, people integer, seconds_ago real default 0) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  call public.call_logs;
  bridged boolean;
  served boolean;
begin
  perform public._line_account();
  select c.* into call from public.call_logs c where c.room = settle_room.room for update;
  if not found then
    return jsonb_build_object('known', false, 'settled', false);
  end if;
  bridged := exists (select from public.transfers t
    where t.company_id = call.company_id and t.call_id = call.id and t.outcome = 'accepted' and t.ended_at is null);
  served := call.status = 'in_progress' and public._is_served(call);
  if call.status = 'in_progress' and not served and settle_room.people = 0 then
    update public.call_logs c set
      status = 'failed',
      end_reason = case when bridged then 'caller_hung_up' else 'worker_lost' end,
      ended_at = greatest(public.fieldline_now() - make_interval(secs => least(greatest(settle_room.seconds_ago, 0), 3600)), c.started_at)
      where c.id = call.id;
    update public.voice_agent_sessions s set is_active = false, session_end = greatest(public.fieldline_now(), s.session_start)
      where s.call_id = call.id and s.is_active;
    return jsonb_build_object('known', true, 'settled', true, 'served', false, 'bridged', false);
  end if;
  return jsonb_build_object('known', true, 'settled', false, 'served', served, 'bridged', bridged);
end $$;
comment on function public.settle_room(text, integer, real) is 'So many people are in a room, says whoever looked after an event. Closes the call when nobody is there and no living worker has it, with its transfer; the event may be some seconds old. Safe to repeat, in any order.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What the carrier says about the caller's number

alter table public.call_logs
  add column verstat varchar(64);
comment on column public.call_logs.verstat is 'STIR/SHAKEN: how far the carrier trusts the caller''s number, in its own words (TN-Validation-Passed-A); null when it said nothing. No proof of who speaks.';

create function public.call_verdict(call_id uuid, verdict text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_call(call_verdict.call_id);
  words text := left(regexp_replace(coalesce(call_verdict.verdict, ''), '[^A-Za-z0-9_.-]', '', 'g'), 64);
begin
  update public.call_logs c set verstat = nullif(words, '') where c.id = me.call_id;
  return jsonb_build_object('verdict', nullif(words, ''));
end $$;
comment on function public.call_verdict(uuid, text) is 'Keeps the carrier''s verdict on the caller''s number with the call.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Messages: their sound goes out with them, and their words follow

alter table public.messages
  add column transcript text check (char_length(transcript) between 1 and 20000),
  add column transcript_attempts integer not null default 0 check (transcript_attempts >= 0),
  add column transcript_next_at timestamptz;
comment on column public.messages.audio_path is 'The key of its sound in the storage; null when there is none, or none any more (message_sound_days).';
comment on column public.messages.transcript is 'The words of the sound, written out later by a speech provider.';
comment on column public.messages.transcript_next_at is 'When a worker may try to write it out: the end of a lease, or of a pause after a failure.';
create index messages_unwritten_idx on public.messages (transcript_next_at nulls first, id) where best_effort and audio_path is not null and transcript is null;
create index messages_sound_idx on public.messages (company_id, "timestamp") where audio_path is not null;
create index work_order_notes_sound_idx on public.work_order_notes (company_id, created_at) where audio_path is not null;
create index work_order_notes_archive_sound_idx on public.work_order_notes_archive (company_id, created_at) where audio_path is not null;

create or replace function public._message_words(message public.messages, reader public.employees) returns text
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
    coalesce(message.transcript, message.message_text),
    case
      when message.transcript is not null then 'Written out from the sound, which is kept with the message.'
      when message.best_effort then 'These words are a guess; the sound is kept with the message.'
    end,
    '— ' || public._company_name(message.company_id))
$$;

create or replace function public.claim_deliveries(worker text, at_most integer default 10, lease_seconds integer default 120) returns jsonb
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
      'company', public._company_name(t.company_id),
      'sound', (select m.audio_path from public.messages m where m.company_id = t.company_id and m.id = t.message_id)) order by t.id), '[]')
    into claimed from taken t;
  return jsonb_build_object('deliveries', claimed);
end $$;

create function public.claim_transcriptions(at_most integer default 5, lease_seconds integer default 300) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  claimed jsonb;
begin
  perform public._line_account();
  with due as (
    select m.id from public.messages m
    where m.best_effort and m.audio_path is not null and m.transcript is null
      and (m.transcript_next_at is null or m.transcript_next_at <= moment) and m.transcript_attempts < 30
    order by m.transcript_next_at nulls first, m.id
    limit least(greatest(coalesce(claim_transcriptions.at_most, 5), 1), 20)
    for update skip locked
  ), taken as (
    update public.messages m set transcript_attempts = m.transcript_attempts + 1,
      transcript_next_at = moment + make_interval(secs => least(greatest(coalesce(claim_transcriptions.lease_seconds, 300), 1), 3600))
    from due where m.id = due.id
    returning m.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('message_id', t.id, 'sound', t.audio_path, 'attempt', t.transcript_attempts) order by t.id), '[]')
    into claimed from taken t;
  return jsonb_build_object('messages', claimed);
end $$;
comment on function public.claim_transcriptions(integer, integer) is 'Takes messages whose sound has not been written out, for the length of a lease. Thirty tries, then their sound is all there is.';

create function public.settle_transcription(message_id uuid, text text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  words text := public._clean_text(left(settle_transcription.text, 20000), 20000, false);
  message public.messages;
begin
  perform public._line_account();
  select m.* into message from public.messages m where m.id = settle_transcription.message_id for update;
  if words is null or message.id is null or message.transcript is not null then
    update public.messages m set transcript_next_at = public.fieldline_now() + public._delivery_pause(m.transcript_attempts)
      where m.id = message.id and m.transcript is null;
    return jsonb_build_object('written', message.transcript is not null);
  end if;
  update public.messages m set transcript = words where m.id = message.id returning m.* into message;
  -- Who has not heard of the message yet gets it with these words; who has, gets them after it.
  update public.deliveries d set body = public._message_words(message, null)
    where d.company_id = message.company_id and d.message_id = message.id and d.state = 'queued';
  perform public._queue(message.company_id, row(d.channel, d.address)::public.way, 'words of ' || message.id,
    'In words: ' || coalesce(d.subject, ''), public._message_words(message, null), public.fieldline_now(), message_id => message.id)
    from public.deliveries d
    where d.company_id = message.company_id and d.message_id = message.id and d.state in ('sending', 'sent', 'delivered');
  return jsonb_build_object('written', true);
end $$;
comment on function public.settle_transcription(uuid, text) is 'The words of a message''s sound, or none: then it is tried again later. The first words stay.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Recordings of calls, where a company wants them

create table public.call_recordings (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid not null,
  session_id uuid not null,
  path varchar(300) not null constraint call_recordings_path_key unique,
  seconds real not null check (seconds >= 0),
  created_at timestamptz not null default public.fieldline_now(),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete restrict,
  foreign key (company_id, session_id) references public.voice_agent_sessions (company_id, id) on delete restrict,
  constraint call_recordings_in_its_folder check (path ~ '^recordings/[0-9a-f-]{36}/[a-z0-9][a-z0-9_.-]*$')
);
comment on table public.call_recordings is 'What was recorded of a call, one row per job that served it; only where the company records calls, and only after its announcement was heard.';
comment on column public.call_recordings.path is 'The key in the storage. The caller is on the left channel, the line on the right.';
create index call_recordings_call_idx on public.call_recordings (company_id, call_id);
create index call_recordings_session_idx on public.call_recordings (company_id, session_id);
create index call_recordings_created_idx on public.call_recordings (company_id, created_at);

create function public._tell_recordings() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  of_call uuid := coalesce(new.call_id, old.call_id);
begin
  update public.call_logs c set recording_url = (
    select r.path from public.call_recordings r where r.call_id = of_call order by r.created_at, r.path limit 1)
    where c.id = of_call;
  return null;
end $$;
comment on function public._tell_recordings() is 'Keeps call_logs.recording_url the key of a call''s first recording, and null without one.';
create trigger call_recordings_tell after insert or delete on public.call_recordings
  for each row execute function public._tell_recordings();
comment on column public.call_logs.recording_url is 'The key of the first recording in the storage; all of them are in call_recordings.';

create function public.keep_recording(call_id uuid, session_id uuid, path text, seconds real) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  session public.voice_agent_sessions;
begin
  perform public._line_account();
  -- As in call_append: what a lost job has left is shipped after the call.
  select s.* into session from public.voice_agent_sessions s
    where s.id = keep_recording.session_id and s.call_id = keep_recording.call_id
      and s.session_start > public.fieldline_now() - interval '7 days';
  if not found then
    perform public._refuse('FL002', 'call_unknown', '{}', 'I have lost track of this call. Please call again.');
  end if;
  if keep_recording.path not like format('recordings/%s/%%', session.call_id)
    or not coalesce((select (i.settings ->> 'recording')::boolean from public.company_info i where i.company_id = session.company_id), false) then
    return jsonb_build_object('kept', false);
  end if;
  insert into public.call_recordings (company_id, call_id, session_id, path, seconds)
    values (session.company_id, session.call_id, session.id, keep_recording.path, keep_recording.seconds)
    on conflict on constraint call_recordings_path_key do nothing;
  return jsonb_build_object('kept', true);
end $$;
comment on function public.keep_recording(uuid, uuid, text, real) is 'A recording of this call lies in the storage. Not kept where the company does not record calls (any more): then the file is to be deleted.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What is kept has an end

create function public._keeps_for(company_id uuid, setting text, otherwise integer) returns interval
language sql stable set search_path = ''
as $$
  select make_interval(days => coalesce((select (i.settings ->> setting)::numeric::integer from public.company_info i
    where i.company_id = _keeps_for.company_id), otherwise))
$$;
comment on function public._keeps_for(uuid, text, integer) is 'How long a company keeps something: its setting in days, or the usual.';

create function public.old_sounds(at_most integer default 100) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform public._line_account();
  return jsonb_build_object('sounds', (
    with terms as (
      select c.id as company_id,
        public.fieldline_now() - public._keeps_for(c.id, 'message_sound_days', 90) as words,
        public.fieldline_now() - public._keeps_for(c.id, 'recording_days', 90) as calls
      from public.companies c)
    select coalesce(jsonb_agg(o.path), '[]') from (
      select m.audio_path as path from terms t join public.messages m on m.company_id = t.company_id and m."timestamp" < t.words and m.audio_path is not null
      union all
      select n.audio_path from terms t join public.work_order_notes n on n.company_id = t.company_id and n.created_at < t.words and n.audio_path is not null
      union all
      select a.audio_path from terms t join public.work_order_notes_archive a on a.company_id = t.company_id and a.created_at < t.words and a.audio_path is not null
      union all
      select r.path from terms t join public.call_recordings r on r.company_id = t.company_id and r.created_at < t.calls
      limit least(greatest(coalesce(old_sounds.at_most, 100), 1), 1000)) o));
end $$;
comment on function public.old_sounds(integer) is 'Keys of sound whose days are over: message_sound_days for messages and notes, recording_days for recordings, ninety where a company set none.';

create function public.forget_sound(path text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  forgotten integer := 0;
  rows_ integer;
begin
  perform public._line_account();
  update public.messages m set audio_path = null where m.audio_path = forget_sound.path;
  get diagnostics rows_ = row_count;
  forgotten := forgotten + rows_;
  update public.work_order_notes n set audio_path = null where n.audio_path = forget_sound.path;
  get diagnostics rows_ = row_count;
  forgotten := forgotten + rows_;
  update public.work_order_notes_archive a set audio_path = null where a.audio_path = forget_sound.path;
  get diagnostics rows_ = row_count;
  forgotten := forgotten + rows_;
  delete from public.call_recordings r where r.path = forget_sound.path;
  get diagnostics rows_ = row_count;
  return jsonb_build_object('forgotten', forgotten + rows_);
end $$;
comment on function public.forget_sound(text) is 'The file of this key is gone: rows let go of it.';

create function public.prune_deliveries(at_most integer default 1000) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  pruned integer;
begin
  perform public._line_account();
  delete from public.deliveries d where d.id in (
    select o.id from public.deliveries o
    where o.state in ('sent', 'delivered', 'failed') and o.updated_at < public.fieldline_now() - interval '90 days'
    order by o.id limit least(greatest(coalesce(prune_deliveries.at_most, 1000), 1), 10000) for update skip locked);
  get diagnostics pruned = row_count;
  return jsonb_build_object('pruned', pruned, 'more', pruned >= prune_deliveries.at_most);
end $$;
comment on function public.prune_deliveries(integer) is 'Deletes deliveries that were settled more than 90 days ago: they hold addresses and words. The message stays.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What the office is told at night

create function public._tell_office(company_id uuid, message text, priority text default 'normal') returns void
language plpgsql set search_path = ''
as $$
declare
  told bigint := public._notify_office(_tell_office.company_id, 'system', _tell_office.message, null, _tell_office.priority);
begin
  perform public._queue(_tell_office.company_id, w, 'notification ' || told, 'To be looked at',
    concat_ws(E'\n', _tell_office.message, '— ' || public._company_name(_tell_office.company_id)),
    public._next_open(_tell_office.company_id, null, null), notification_id => told)
    from public._ways_to_office(_tell_office.company_id) w;
end $$;
comment on function public._tell_office(uuid, text, text) is 'A notice for the office that also goes to its own addresses when it opens.';

alter table public.technician_clock_records
  add column reminded_at timestamptz;
comment on column public.technician_clock_records.reminded_at is 'When the office was told that this day was never clocked out.';

create function public.tell_forgotten_clock_outs(after_hours integer default 12) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  late record;
  told integer := 0;
begin
  perform public._line_account();
  for late in
    with found as (
      update public.technician_clock_records r set reminded_at = public.fieldline_now()
      where r.clock_out_time is null and r.reminded_at is null
        and r.clock_in_time < public.fieldline_now() - make_interval(hours => greatest(tell_forgotten_clock_outs.after_hours, 1))
      returning r.company_id, r.technician_id, r.truck_id, r.clock_in_time)
    select f.company_id, count(*) as people, string_agg(format('%s, truck %s, since %s', t.name, k.number,
      to_char(f.clock_in_time at time zone public._company_zone(f.company_id), 'Dy DD Mon HH24:MI')), E'\n' order by f.clock_in_time, t.name) as list
    from found f
    join public.technicians t on t.company_id = f.company_id and t.id = f.technician_id
    join public.trucks k on k.company_id = f.company_id and k.id = f.truck_id
    group by f.company_id
  loop
    perform public._tell_office(late.company_id, format(E'Still clocked in after %s hours:\n%s', tell_forgotten_clock_outs.after_hours, late.list));
    told := told + late.people;
  end loop;
  return jsonb_build_object('told', told);
end $$;
comment on function public.tell_forgotten_clock_outs(integer) is 'Lists to each office who is still clocked in after so many hours; each day of work once.';

create function public.tell_broken_hours() returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  broken record;
  words text;
  told integer := 0;
begin
  perform public._line_account();
  for broken in
    select i.company_id, 'the company' as whose, public.hours_problem(i.business_hours) as problem from public.company_info i
    union all
    select d.company_id, d.name, public.hours_problem(d.available_hours) from public.departments d
    union all
    select e.company_id, e.name, public.hours_problem(e.availability_hours) from public.employees e where e.active
  loop
    continue when broken.problem is null;
    words := format('The hours of %s cannot be read (%s). Until they are set again, the line takes them for closed.', broken.whose, broken.problem);
    continue when exists (select from public.notifications n
      where n.company_id = broken.company_id and n.notification_type = 'system' and n.message = words
        and n.created_at > public.fieldline_now() - interval '30 days');
    perform public._tell_office(broken.company_id, words, 'high');
    told := told + 1;
  end loop;
  return jsonb_build_object('told', told);
end $$;
comment on function public.tell_broken_hours() is 'Tells each office of hours that the constraints would refuse (a restore without them, a hand in the database); the same ones once in thirty days.';

-- ---------------------------------------------------------------------------------------------------------------------
-- The archive, by itself

create function public._archive(orders bigint[]) returns integer
language plpgsql set search_path = ''
as $$
declare
  moved integer;
begin
  insert into public.work_orders_archive
    select (jsonb_populate_record(null::public.work_orders_archive, to_jsonb(w) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.work_orders w where w.id = any (orders);
  get diagnostics moved = row_count;
  insert into public.work_order_notes_archive
    select (jsonb_populate_record(null::public.work_order_notes_archive, to_jsonb(n) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.work_order_notes n where n.work_order_id = any (orders);
  insert into public.travel_logs_archive
    select (jsonb_populate_record(null::public.travel_logs_archive, to_jsonb(l) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.travel_logs l where l.work_order_id = any (orders);
  -- Letting go of an order writes history of its own (follow_up_of), so history is moved last.
  update public.customer_history h set work_order_id = null where h.work_order_id = any (orders);
  update public.work_orders w set follow_up_of = null where w.follow_up_of = any (orders);
  insert into public.work_order_history_archive
    select (jsonb_populate_record(null::public.work_order_history_archive, to_jsonb(h) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.work_order_history h where h.work_order_id = any (orders);
  delete from public.work_order_history h where h.work_order_id = any (orders);
  delete from public.travel_logs l where l.work_order_id = any (orders);
  delete from public.work_order_notes n where n.work_order_id = any (orders);
  delete from public.work_orders w where w.id = any (orders);
  return moved;
end $$;
comment on function public._archive(bigint[]) is 'Moves these orders, with notes, travel and history, to the archive tables.';

create or replace function public.archive_orders(before timestamptz default null, at_most integer default 1000) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  -- Completed within the year is never archived, whatever is asked for.
  limit_ timestamptz := least(coalesce(archive_orders.before, 'infinity'), public.fieldline_now() - interval '1 year');
  everywhere boolean := coalesce(current_setting('role', true), 'none') <> 'authenticated';
  orders bigint[];
  moved integer;
begin
  if not everywhere and not exists (select from public.my_companies('admin')) then
    perform public._refuse('FL073', 'not_allowed', '{}', 'Only an administrator may do that.');
  end if;
  select coalesce(array_agg(w.id), '{}') into orders from (
    select w.id from public.work_orders w
    where w.status = 'completed' and w.completed_at < limit_
      and (everywhere or w.company_id in (select public.my_companies('admin')))
    order by w.id limit archive_orders.at_most
    for update skip locked
  ) w;
  moved := public._archive(orders);
  return jsonb_build_object('archived', moved, 'before', limit_, 'more', moved = archive_orders.at_most);
end $$;

create function public.archive_by_itself(at_most integer default 500) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  orders bigint[];
  moved integer;
begin
  perform public._line_account();
  select coalesce(array_agg(w.id), '{}') into orders from (
    select w.id from public.work_orders w
    where w.status = 'completed' and w.completed_at < public.fieldline_now() - interval '1 year'
    order by w.id limit least(greatest(coalesce(archive_by_itself.at_most, 500), 1), 1000)
    for update skip locked
  ) w;
  moved := public._archive(orders);
  return jsonb_build_object('archived', moved, 'more', moved >= archive_by_itself.at_most);
end $$;
comment on function public.archive_by_itself(integer) is 'archive_orders for all companies, by the duties: completed orders that are over a year old, and nothing else.';

-- Grants and row level security --------------------------------------------------------------------------------------

grant execute on function
  public.settle_room(text, integer, real), public.call_verdict(uuid, text),
  public.claim_transcriptions(integer, integer), public.settle_transcription(uuid, text),
  public.keep_recording(uuid, uuid, text, real), public.old_sounds(integer), public.forget_sound(text), public.prune_deliveries(integer),
  public.tell_forgotten_clock_outs(integer), public.tell_broken_hours(), public.archive_by_itself(integer)
to authenticated;

alter table public.call_recordings enable row level security;
revoke all on public.call_recordings from anon, authenticated;
grant select on public.call_recordings to authenticated;
create policy "Members see which recordings there are" on public.call_recordings
  for select to authenticated using (company_id in (select public.my_companies()));

revoke execute on all functions in schema public from public, anon;
