-- The life of a call: opened, resumed, appended to, closed once, and rescued when its worker dies.
begin;
select tests.plan(48);
select tests.clock('2026-03-04 14:00Z');

create temporary table mine (facts jsonb);
grant all on mine to public;
create function pg_temp.call() returns uuid language sql as $$ select (facts ->> 'call_id')::uuid from mine $$;
create function pg_temp.session() returns uuid language sql as $$ select (facts ->> 'session_id')::uuid from mine $$;

-- Opened
select tests.act_as('the line');
insert into mine select public.call_open('call-one', '+12025550101', '+12025550100', 'sip-1', 'worker-a', 'job-1');
select tests.equal('the dialled number gives the company', facts #>> '{company,name}', 'Northgate Security') from mine;
select tests.equal('with its zone and language', (facts #>> '{company,timezone}') || ' ' || (facts #>> '{company,language}'), 'America/New_York en') from mine;
select tests.equal('and settings, ours where it has none', facts #> '{company,settings,max_call_minutes}', '30'::jsonb) from mine;
select tests.equal('and the company''s own where it has', facts #>> '{company,settings,fallback_number}', '+12025550110') from mine;
select tests.equal('the clock is the company''s fact', (facts #>> '{company,now}')::timestamptz, '2026-03-04 14:00Z'::timestamptz) from mine;
select tests.equal('the caller''s number is a guess, with no id in it', facts -> 'guess',
  '{"kind": "technician", "name": "Mike Johnson", "first_name": "Mike", "badge": "101"}'::jsonb) from mine;
select tests.equal('a guess proves nothing', facts -> 'verified', 'null'::jsonb) from mine;
select tests.equal('a technician''s phone reaches the technician line', facts ->> 'line', 'technician') from mine;
select tests.equal('the first session begins at one', facts -> 'next_sequence', '1'::jsonb) from mine;
select tests.holds('names are there for the ears', facts #> '{vocabulary,people}' ? 'Mike Johnson' and facts #> '{vocabulary,parts}' ? 'Cat6 Cable'
  and facts #> '{vocabulary,customers}' ? 'City Bank' and facts #> '{vocabulary,aliases}' ? 'cat six' and facts #> '{vocabulary,trucks}' ? '201') from mine;
select tests.holds('and none of the other company', not facts #> '{vocabulary,people}' ? 'Dana Brooks' and not facts #> '{vocabulary,parts}' ? 'Flame Sensor') from mine;

-- Who else calls
create function pg_temp.open(caller text, dialled text default '+12025550100') returns jsonb language sql as $$
  select public.call_open('call-' || gen_random_uuid(), caller, dialled) $$;
select tests.equal('an employee is guessed', pg_temp.open('+12025550112') #>> '{guess,kind}', 'employee');
select tests.equal('a customer is guessed, and reaches the customer''s line', o.f #>> '{guess,name}' || ' ' || (o.f ->> 'line'), 'City Bank customer') from (select pg_temp.open('+12025550120') as f) o;
select tests.equal('a stranger is nobody', pg_temp.open('+13105550000') -> 'guess', 'null'::jsonb);
select tests.holds('a withheld number is said to be so: ' || w.said, (pg_temp.open(w.said) -> 'withheld')::boolean)
from (values (''), ('anonymous'), ('Unavailable'), ('Restricted')) w (said);
select tests.holds('no number at all is withheld too', (public.call_open('call-null', null, '+12025550100') -> 'withheld')::boolean);
select tests.equal('Mike''s number means nothing to the other company', pg_temp.open('+12025550101', '+12025550190') -> 'guess', 'null'::jsonb);
select tests.holds('a second call from the same phone is noticed', (pg_temp.open('+12025550101') -> 'other_call_open')::boolean);
select tests.later('6 minutes');
select tests.holds('but not one that has stood still for long', not (pg_temp.open('+12025550101') -> 'other_call_open')::boolean);

-- A number that nobody has
select tests.equal('an unknown number is answered, not refused', public.call_open('call-lost', '+13105550000', '+19995550100'),
  '{"unknown_number": true, "to_number": "+19995550100"}'::jsonb);
select tests.act_as_owner();
select tests.equal('and kept', (select count(*) from public.unrouted_calls where room = 'call-lost'), 1::bigint);
update public.phone_numbers set active = false where number = '+12025550190';
select tests.act_as('the line');
select tests.holds('a number that was switched off is unknown', (pg_temp.open('+12025550101', '+12025550190') -> 'unknown_number')::boolean);

-- Appended, and appended again
select tests.equal('items are stored', public.call_append(pg_temp.call(), pg_temp.session(),
  '[{"sequence": 1, "type": "agent", "content": "Hello", "data": {"ms": 300}, "at": "2026-03-04T14:00:01Z"}, {"sequence": 2, "type": "key", "content": "•"}]'), '{"stored": 2}'::jsonb);
select tests.equal('what is there already is left alone', public.call_append(pg_temp.call(), pg_temp.session(),
  '[{"sequence": 2, "type": "key", "content": "other"}, {"sequence": 3, "type": "user", "content": "Clock me in"}]'), '{"stored": 1}'::jsonb);
select tests.equal('no items are no trouble', public.call_append(pg_temp.call(), pg_temp.session(), '[]'), '{"stored": 0}'::jsonb);
select tests.refused('an unknown kind is refused',
  $$select public.call_append(pg_temp.call(), pg_temp.session(), '[{"sequence": 9, "type": "thought"}]')$$, '23514');
select tests.refused('a session of another call is refused',
  format($$select public.call_append(%L, pg_temp.session(), '[]')$$, pg_temp.open('+12025550102') ->> 'call_id'), 'FL002');

-- Verified, cut off, resumed
select tests.holds('Mike proves who he is', (public.verify_pin(pg_temp.call(), '101', '2010') -> 'verified')::boolean);
create temporary table first_session as select pg_temp.session() as id;
update mine set facts = public.call_open('call-one', '+12025550101', '+12025550100', 'sip-1', 'worker-b', 'job-2');
select tests.equal('the same room is the same call, resumed', (facts -> 'resumed')::text, 'true') from mine;
select tests.holds('in a new session', pg_temp.session() <> id) from first_session;
select tests.equal('which knows who was verified', facts -> 'verified', '{"name": "Mike Johnson", "first_name": "Mike", "badge": "101"}'::jsonb) from mine;
select tests.equal('what the dead job had not sent is still taken', public.call_append(pg_temp.call(), id,
  '[{"sequence": 4, "type": "user", "content": "Hello?"}]'), '{"stored": 1}'::jsonb) from first_session;
select tests.act_as_owner();
select tests.equal('the transcript is whole and in order', (select array_agg(i.interaction_type || ':' || i.content order by s.session_start, i.sequence)
  from public.voice_agent_interactions i join public.voice_agent_sessions s on s.id = i.session_id where s.call_id = pg_temp.call()),
  array['agent:Hello', 'key:•', 'user:Clock me in', 'user:Hello?']);
select tests.equal('one session is active', (select count(*) from public.voice_agent_sessions s where s.call_id = pg_temp.call() and s.is_active), 1::bigint);

-- Closed, and closed again
select tests.later('90 seconds');
select tests.act_as('the line');
select tests.equal('the close says how long it was', public.call_close(pg_temp.call(), 'completed', 'caller_hung_up', 'Clocked in.', '{"turns": 3}') ->> 'end_reason', 'caller_hung_up');
select tests.equal('the first close counts', public.call_close(pg_temp.call(), 'failed', 'worker_lost') ->> 'status', 'completed');
select tests.refused('a closed call is not opened again', $$select public.call_open('call-one', '+12025550101', '+12025550100')$$, 'FL003');
select tests.equal('leftovers are taken after the end too', public.call_append(pg_temp.call(), pg_temp.session(), '[{"sequence": 1, "type": "event", "content": "hang-up"}]'), '{"stored": 1}'::jsonb);
select tests.act_as('Vera');
select tests.equal('the office reads it under the names of the first specification',
  (select caller_phone || ' ' || caller_name || ' ' || status from public.call_history where id = pg_temp.call()), '+12025550101 Mike Johnson completed');
select tests.holds('with its duration', (select duration >= interval '90 seconds' from public.call_history where id = pg_temp.call()));
select tests.act_as('Otto');
select tests.equal('the other company does not', (select count(*) from public.call_history where id = pg_temp.call()), 0::bigint);

-- A worker dies
select tests.act_as('the line');
select public.worker_beat('worker-a', '{call-two}', 0.2);
select public.call_open('call-two', '+12025550102', '+12025550100', null, 'worker-a', 'job');
select tests.later('4 seconds');
select tests.equal('a worker that is late is not dead', public.worker_beat('worker-b', '{}', 0.1) -> 'lost', '[]'::jsonb);
select tests.later('4 seconds');
select tests.equal('after five seconds its call is lost', public.worker_beat('worker-b', '{}', 0.1) #>> '{lost,0,room}', 'call-two');
select tests.equal('and belongs to whoever was told first', public.worker_beat('worker-c', '{}', 0.1) -> 'lost', '[]'::jsonb);
select tests.later('11 seconds');
select tests.equal('unless nothing came of it', public.worker_beat('worker-c', '{}', 0.1) #>> '{lost,0,to_number}', '+12025550100');
select tests.done();
rollback;
