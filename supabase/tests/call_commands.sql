-- The office and a live call: who may command it, what a command needs, and that none is lost or done twice.
begin;
select tests.plan(24);
select tests.clock('2026-03-04 14:00Z');
create temporary table the_call (id uuid, session uuid);
grant select, insert, update on the_call to public;

select tests.act_as('the line');
insert into the_call select (f ->> 'call_id')::uuid, (f ->> 'session_id')::uuid from public.call_open('call-live', '+12025550120', '+12025550100') f;
create function pg_temp.command(kind text, payload jsonb default '{}') returns text language sql as $$
  insert into public.call_commands (company_id, call_id, kind, payload) select tests.northgate(), c.id, command.kind, command.payload from the_call c
  returning id::text $$;
select tests.refused('the line gives itself no commands', $$select pg_temp.command('end')$$, '42501');

select tests.act_as('Vera');
select tests.refused('a viewer watches', $$select pg_temp.command('end')$$, '42501');
select tests.equal('and sees the call', public.live_calls(tests.northgate()) #>> '{calls,0,status}', 'in_progress');
select tests.act_as('Otto');
select tests.refused('another company has no say', $$select pg_temp.command('end')$$, '42501');
select tests.equal('nor a look', public.live_calls(tests.northgate()) -> 'calls', '[]'::jsonb);

select tests.act_as('Dora');
select tests.refused('nothing is no message', $$select pg_temp.command('say', '{"text": "  "}')$$, 'FL040');
select tests.refused('nor is a novel', $$select pg_temp.command('say', jsonb_build_object('text', repeat('a', 501)))$$, 'FL041');
select tests.refused('nobody of that id', $$select pg_temp.command('take_over', '{"employee_id": "x"}')$$, 'FL161');
select tests.refused('nor somebody of another company', format($$select pg_temp.command('take_over', '{"employee_id": "%s"}')$$,
  (select e.id from public.employees e where e.name = 'Grace Kim')), 'FL161');
select tests.refused('a dispatcher signs with their own name',
  $$insert into public.call_commands (company_id, call_id, kind, created_by) select tests.northgate(), c.id, 'end', tests.id_of('Ana') from the_call c$$, '42501');
select tests.holds('a sentence to say', pg_temp.command('say', '{"text": " Please hold. ", "more": 1}') is not null);
select tests.later('1 second');
select tests.holds('and one to note', pg_temp.command('note', '{"text": "He is a good customer."}') is not null);
select tests.equal('only what belongs there is kept', (select k.payload from public.call_commands k where k.kind = 'say'), '{"text": "Please hold."}'::jsonb);
select tests.refused('the office claims nothing', $$select public.claim_call_commands((select id from the_call))$$, 'FL001');

select tests.act_as('the line');
select tests.equal('the job takes both, in order', (select jsonb_path_query_array(public.claim_call_commands(c.id), '$.commands[*].kind') from the_call c), '["say", "note"]'::jsonb);
select tests.equal('once', (select public.claim_call_commands(c.id) from the_call c), '{"commands": []}'::jsonb);
select public.call_open('call-live', '+12025550120', '+12025550100');
select tests.equal('another job of that call takes up what was left', (select jsonb_array_length(public.claim_call_commands(c.id) -> 'commands') from the_call c), 2);
select tests.act_as_owner();
create temporary table the_first as select k.id from public.call_commands k where k.kind = 'say';
grant select on the_first to public;
select tests.act_as('the line');
select tests.equal('it says what came of it', (select public.settle_call_command(f.id, '{"ok": true}') from the_first f), '{"settled": true}'::jsonb);
select tests.equal('the first answer counts', (select public.settle_call_command(f.id, '{"ok": false}') from the_first f), '{"settled": false}'::jsonb);
select public.call_close(c.id, 'completed', 'caller_hung_up') from the_call c;

select tests.act_as('Dora');
select tests.equal('the end of the call answers the rest', (select k.result ->> 'reason' from public.call_commands k where k.kind = 'note'), 'call_over');
select tests.equal('and leaves the answered alone', (select k.result from public.call_commands k where k.kind = 'say'), '{"ok": true}'::jsonb);
select tests.refused('a call that is over takes no commands', $$select pg_temp.command('end')$$, 'FL160');
select tests.equal('it is shown for a minute more', public.live_calls(tests.northgate()) #>> '{calls,0,end_reason}', 'caller_hung_up');
select tests.later('2 minutes');
select tests.equal('and no longer', public.live_calls(tests.northgate()) -> 'calls', '[]'::jsonb);
select tests.done();
rollback;
