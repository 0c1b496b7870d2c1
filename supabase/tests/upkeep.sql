-- Sound, lost calls and upkeep: what an event of a room may close, how words follow their sound, and what has an end.
begin;
select tests.plan(65);
select tests.clock('2026-03-04 09:00 America/New_York');

create function pg_temp.room(call uuid) returns text language sql stable security definer as $$ select c.room::text from public.call_logs c where c.id = call $$;
create function pg_temp.state(call uuid) returns text language sql stable security definer as $$
  select concat_ws(' ', c.status, c.end_reason) from public.call_logs c where c.id = call $$;
-- A call that a worker of that name has taken.
create function pg_temp.taken(worker text, from_number text default '+12025550177') returns uuid language sql volatile as $$
  select (public.call_open('call-' || gen_random_uuid(), taken.from_number, '+12025550100', null, taken.worker, 'job') ->> 'call_id')::uuid $$;
create temporary table c (name text primary key, id uuid);
grant all on c to public;
create function pg_temp.c(name text) returns uuid language sql stable as $$ select id from c where c.name = $1 $$;

create function pg_temp.said(sound text) returns uuid language sql security definer as $$
  insert into public.messages (company_id, from_caller, caller_number, to_employee_id, message_text, best_effort, audio_path, urgent)
  values (tests.northgate(), 'Jane', '+12025550155', (select id from public.employees where name = 'Karen Miller'), 'the gay is open', said.sound is not null, said.sound, true)
  returning id $$;
create function pg_temp.bodies(message uuid) returns text language sql stable security definer as $$
  select string_agg(d.state || ' ' || d.channel || case when d.body ~ 'The gate is open' then ' right' else ' guess' end, ', ' order by d.id)
  from public.deliveries d where d.message_id = message $$;
create function pg_temp.session(call uuid) returns uuid language sql stable security definer as $$
  select s.id from public.voice_agent_sessions s where s.call_id = call order by s.session_start limit 1 $$;
create function pg_temp.kept(name text, file text) returns jsonb language sql volatile as $$
  select public.keep_recording(pg_temp.c(name), pg_temp.session(pg_temp.c(name)), format('recordings/%s/%s', pg_temp.c(name), file), 12.5) -> 'kept' $$;

-- Rooms whose worker is gone
select tests.act_as('the line');
insert into c values ('served', pg_temp.taken('w1')), ('lost', pg_temp.taken('gone'));
select public.worker_beat('w1', array[pg_temp.room(pg_temp.c('served'))], 0);
select tests.equal('a room that nobody knows changes nothing', public.settle_room('call-unknown', 0), '{"known": false, "settled": false}'::jsonb);
select tests.equal('a living worker closes its own call', public.settle_room(pg_temp.room(pg_temp.c('served')), 0),
  '{"known": true, "settled": false, "served": true, "bridged": false}'::jsonb);
insert into c values ('young', pg_temp.taken('w1'));
select tests.equal('a call that is over before its worker has named it is still the worker''s',
  public.settle_room(pg_temp.room(pg_temp.c('young')), 0) -> 'served', 'true'::jsonb);
select tests.equal('nobody closes a call with people in its room', public.settle_room(pg_temp.room(pg_temp.c('lost')), 1) -> 'settled', 'false'::jsonb);
select tests.later('40 seconds');
select tests.equal('a call without people and worker is closed', public.settle_room(pg_temp.room(pg_temp.c('lost')), 0, 30) -> 'settled', 'true'::jsonb);
select tests.equal('as lost', pg_temp.state(pg_temp.c('lost')), 'failed worker_lost');
select tests.act_as_owner();
select tests.equal('at the time of the event', (select duration from public.call_logs where id = pg_temp.c('lost')), interval '10 seconds');
select tests.holds('with its session', (select not is_active from public.voice_agent_sessions where call_id = pg_temp.c('lost')));
select tests.act_as('the line');
select tests.equal('a repeated event changes nothing', public.settle_room(pg_temp.room(pg_temp.c('lost')), 0) -> 'settled', 'false'::jsonb);
select tests.equal('a late word of the worker changes nothing', public.call_close(pg_temp.c('lost'), 'completed', 'agent_goodbye') ->> 'end_reason', 'worker_lost');
select tests.equal('silent workers serve nothing', public.settle_room(pg_temp.room(pg_temp.c('served')), 0, -5) -> 'settled', 'true'::jsonb);
insert into c values ('early', pg_temp.taken('gone'));
select public.settle_room(pg_temp.room(pg_temp.c('early')), 0, 9e9::real);
select tests.act_as_owner();
select tests.equal('no event closes a call before it began', (select duration from public.call_logs where id = pg_temp.c('early')), interval '0');

select tests.act_as('the line');
insert into c values ('bridged', pg_temp.taken('gone'));
select public.transfer_begin(pg_temp.c('bridged'), 't1', 'Karen Miller');
select public.transfer_ring(pg_temp.c('bridged'), 't1', 1);
select public.transfer_report(pg_temp.c('bridged'), 1, 'answered');
select tests.equal('who is being briefed is not connected', public.settle_room(pg_temp.room(pg_temp.c('bridged')), 2) -> 'bridged', 'false'::jsonb);
select public.transfer_report(pg_temp.c('bridged'), 1, 'accepted');
select tests.equal('two who were connected are known as such', public.settle_room(pg_temp.room(pg_temp.c('bridged')), 1) -> 'bridged', 'true'::jsonb);
select tests.later('1 minute');
select public.settle_room(pg_temp.room(pg_temp.c('bridged')), 0);
select tests.equal('their call counts as transferred', pg_temp.state(pg_temp.c('bridged')), 'transferred caller_hung_up');
select tests.act_as_owner();
select tests.equal('with the time that they talked', (select talk_seconds from public.transfers where call_id = pg_temp.c('bridged')), 60);
select tests.act_as('Ana');
select tests.refused('only the line settles', 'select public.settle_room(''x'', 0)', 'FL001');

-- The carrier's verdict
select tests.act_as('the line');
insert into c values ('open', pg_temp.taken('w1'));
select tests.equal('the verdict is kept in the carrier''s words', public.call_verdict(pg_temp.c('open'), 'TN-Validation-Passed-A') ->> 'verdict', 'TN-Validation-Passed-A');
select tests.equal('and nothing else', public.call_verdict(pg_temp.c('open'), 'No-TN-Validation<script>') ->> 'verdict', 'No-TN-Validationscript');
select tests.equal('an empty one is none', public.call_verdict(pg_temp.c('open'), '') ->> 'verdict', null);
select tests.refused('not of a closed call', format('select public.call_verdict(%L, ''x'')', pg_temp.c('lost')), 'FL003');

-- Words that follow their sound
insert into c values ('m', pg_temp.said('messages/a/1.wav')), ('sure', pg_temp.said(null));
select tests.equal('a delivery names the sound of its message',
  (select string_agg(distinct d ->> 'sound', ',') from jsonb_array_elements(public.claim_deliveries('w') -> 'deliveries') d), 'messages/a/1.wav');
select tests.act_as_owner();
update public.deliveries set state = 'sent', locked_by = null, locked_at = null where message_id = pg_temp.c('m') and channel = 'sms';
update public.deliveries set state = 'queued', locked_by = null, locked_at = null where message_id = pg_temp.c('m') and channel = 'email';
select tests.act_as('the line');
select tests.equal('only what is unsure is written out', (select jsonb_agg(m ->> 'message_id') from jsonb_array_elements(public.claim_transcriptions() -> 'messages') m),
  jsonb_build_array(pg_temp.c('m')));
select tests.equal('by one worker at a time', public.claim_transcriptions() -> 'messages', '[]'::jsonb);
select tests.later('301 seconds');
select tests.equal('another takes it when the first is silent', jsonb_array_length(public.claim_transcriptions() -> 'messages'), 1);
select tests.equal('no words, no change', public.settle_transcription(pg_temp.c('m'), '  ') -> 'written', 'false'::jsonb);
select tests.equal('a failure pauses', public.claim_transcriptions() -> 'messages', '[]'::jsonb);
select tests.later('61 seconds');
select tests.equal('and is tried again', jsonb_array_length(public.claim_transcriptions() -> 'messages'), 1);
select tests.equal('words are kept', public.settle_transcription(pg_temp.c('m'), E'The gate is open.\u0007') -> 'written', 'true'::jsonb);
select tests.equal('who waits gets the right words, who had the guess gets them after it', pg_temp.bodies(pg_temp.c('m')),
  'queued email right, sent sms guess, queued sms right');
select tests.equal('the first words stay', public.settle_transcription(pg_temp.c('m'), 'Something else.') -> 'written', 'true'::jsonb);
select tests.act_as_owner();
select tests.equal('without control characters', (select transcript from public.messages where id = pg_temp.c('m')), 'The gate is open.');
select tests.equal('beside the guess', (select message_text from public.messages where id = pg_temp.c('m')), 'the gay is open');
select tests.holds('a mail says where its words are from', (select d.body ~ 'Written out from the sound' from public.deliveries d where d.message_id = pg_temp.c('m') and d.channel = 'email'));
select tests.act_as('the line');
select tests.equal('nothing is left to do', public.claim_transcriptions() -> 'messages', '[]'::jsonb);
select tests.equal('an unknown message is nobody''s', public.settle_transcription(gen_random_uuid(), 'x') -> 'written', 'false'::jsonb);

-- Recordings
select tests.equal('a company that does not record keeps nothing', pg_temp.kept('open', '1.ogg'), 'false'::jsonb);
select tests.act_as_owner();
update public.company_info set settings = settings || '{"recording": true}' where company_id = tests.northgate();
select tests.act_as('the line');
select tests.equal('one that does, keeps it', pg_temp.kept('open', '1.ogg'), 'true'::jsonb);
select tests.equal('once', pg_temp.kept('open', '1.ogg'), 'true'::jsonb);
select tests.equal('also of a call that has ended', pg_temp.kept('lost', '1.ogg'), 'true'::jsonb);
select tests.equal('and the second part of a call that was resumed', pg_temp.kept('open', '2.ogg'), 'true'::jsonb);
select tests.equal('nothing in another call''s folder', public.keep_recording(pg_temp.c('open'), pg_temp.session(pg_temp.c('open')),
  format('recordings/%s/1.ogg', pg_temp.c('lost')), 1) -> 'kept', 'false'::jsonb);
select tests.refused('nothing for a session of another call', format('select public.keep_recording(%L, %L, ''x'', 1)', pg_temp.c('open'), pg_temp.session(pg_temp.c('lost'))), 'FL002');
select tests.act_as('Vera');
select tests.equal('members see the first on the call', (select recording_url from public.call_logs where id = pg_temp.c('open')), format('recordings/%s/1.ogg', pg_temp.c('open')));
select tests.equal('and all of them beside', (select count(*) from public.call_recordings where call_id = pg_temp.c('open')), 2::bigint);
select tests.act_as('Otto');
select tests.equal('another company sees none', (select count(*) from public.call_recordings), 0::bigint);

-- What is kept has an end
select tests.act_as('the line');
select tests.equal('what is young stays', public.old_sounds() -> 'sounds', '[]'::jsonb);
select tests.act_as_owner();
update public.company_info set settings = settings || '{"recording_days": 30}' where company_id = tests.northgate();
select tests.act_as('the line');
select tests.later('31 days');
select tests.equal('recordings go after the days that a company set', jsonb_array_length(public.old_sounds() -> 'sounds'), 3);
select tests.equal('a row lets go of its file', public.forget_sound(format('recordings/%s/1.ogg', pg_temp.c('open'))) -> 'forgotten', '1'::jsonb);
select tests.equal('once', public.forget_sound(format('recordings/%s/1.ogg', pg_temp.c('open'))) -> 'forgotten', '0'::jsonb);
select tests.act_as_owner();
select tests.equal('and the call names what is left', (select recording_url from public.call_logs where id = pg_temp.c('open')), format('recordings/%s/2.ogg', pg_temp.c('open')));
update public.company_info set settings = settings || '{"recording_days": 365, "message_sound_days": 10}' where company_id = tests.northgate();
select tests.act_as('the line');
select tests.equal('each company has days of its own', public.old_sounds() -> 'sounds', '["messages/a/1.wav"]'::jsonb);
select public.forget_sound('messages/a/1.wav');
select tests.equal('a message keeps its words without its sound', (public.old_sounds() -> 'sounds'), '[]'::jsonb);
select tests.later('60 days');
select tests.equal('deliveries that are settled go after ninety days', public.prune_deliveries() -> 'pruned', '1'::jsonb);
select tests.act_as_owner();
select tests.holds('those that wait stay, and so does the message', exists (select from public.deliveries where state = 'queued') and exists (select from public.messages where id = pg_temp.c('m')));

-- At night
select tests.clock('2026-03-04 21:30 America/New_York');
update public.technician_clock_records set clock_out_time = clock_in_time + interval '1 hour' where clock_out_time is null;
insert into public.technician_clock_records (company_id, technician_id, truck_id, clock_in_time)
select t.company_id, t.id, k.id, '2026-03-04 13:00Z' from public.technicians t join public.trucks k on k.company_id = t.company_id and k.number = 201
where t.company_id = tests.northgate() and t.name like 'Mike%';
select tests.act_as('the line');
select tests.equal('who forgot to clock out is told', public.tell_forgotten_clock_outs() -> 'told', '1'::jsonb);
select tests.equal('once a day of work', public.tell_forgotten_clock_outs() -> 'told', '0'::jsonb);
select tests.act_as_owner();
select tests.holds('to the office, by name, truck and hour, and by mail', exists (select from public.notifications n join public.deliveries d on d.notification_id = n.id
  where n.message ~ 'Mike.*truck 201, since Wed 04 Mar 08:00' and d.address = 'office@northgate.example'));

alter table public.company_info drop constraint company_info_business_hours_check;
alter table public.employees drop constraint employees_availability_hours_check;
update public.company_info set business_hours = '{"mon": "always"}' where company_id = tests.northgate();
update public.employees set availability_hours = '{"tue": [["8", 9]]}' where name = 'Karen Miller' and company_id = tests.northgate();
select tests.act_as('Vera');
select tests.equal('broken hours are closed hours', public.is_reachable('company', tests.northgate()) ->> 'reason', 'hours_broken');
select tests.act_as('the line');
insert into c values ('asking', pg_temp.taken('w1'));
select tests.equal('of a person too', public.find_person(pg_temp.c('asking'), 'Karen Miller') #>> '{matches,0,reachable}', 'false');
select tests.equal('the office is told of each', public.tell_broken_hours() -> 'told', '2'::jsonb);
select tests.equal('once', public.tell_broken_hours() -> 'told', '0'::jsonb);
select tests.act_as_owner();
select tests.holds('with what is wrong', exists (select from public.notifications n where n.message ~ 'hours of Karen Miller cannot be read \(.*tue' and n.priority = 'high'));

-- The archive by itself
update public.work_orders set completed_at = '2024-11-05 15:30Z', started_at = '2024-11-05 14:00Z' where status = 'completed' and number = (select min(number) from public.work_orders where status = 'completed');
select tests.act_as('the line');
select tests.equal('what is over a year old is archived without anybody', public.archive_by_itself() -> 'archived', '1'::jsonb);
select tests.equal('and nothing else', public.archive_by_itself() -> 'archived', '0'::jsonb);
select tests.done();
rollback;
