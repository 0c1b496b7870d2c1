-- Every line function, found in the catalog and so also the next one: closed to ordinary users, to forged and closed
-- calls, and, where a technician is wanted, to a call that has proved nothing.
begin;
select tests.plan(11);

-- Calls each function of the line with this call_id and nothing in its other arguments; what it answered.
create function pg_temp.answers(call_id uuid) returns table (name text, state text)
language plpgsql as $$
declare
  f record;
begin
  for f in
    select p.oid, p.proname::text as proname,
      'call_id => ' || quote_literal(answers.call_id) || coalesce((
        select string_agg(format(', %I => null::%s', a.name, format_type(a.type, null)), '' order by a.n)
        from unnest(p.proargnames, p.proargtypes::oid[]) with ordinality a (name, type, n)
        where a.n between 2 and p.pronargs), '') as arguments
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proargnames [1] = 'call_id' and p.prorettype = 'jsonb'::regtype
      and has_function_privilege('authenticated', p.oid, 'execute')
    order by p.proname
  loop
    name := f.proname;
    state := 'answered';
    begin
      execute format('select public.%I(%s)', f.proname, f.arguments);
    exception when others then
      state := sqlstate;
    end;
    return next;
  end loop;
end $$;

-- Whoever is not the line
select tests.act_as('Ana');
select tests.holds('there are at least twenty line functions', (select count(*) >= 20 from pg_temp.answers(gen_random_uuid())));
select tests.equal('an admin can call none of them', (select array_agg(a.name || ' ' || a.state) from pg_temp.answers(gen_random_uuid()) a where a.state <> 'FL001'), null);
select tests.refused('nor open a call', $$select public.call_open('r', '', '+12025550100')$$, 'FL001');
select tests.refused('nor beat as a worker', $$select public.worker_beat('w', '{}', 0)$$, 'FL001');
select tests.refused('nor ping', 'select public.line_ping()', 'FL001');

-- The line, with a call that does not exist
select tests.act_as('the line');
select tests.equal('a forged call id opens nothing', (select array_agg(a.name || ' ' || a.state) from pg_temp.answers(gen_random_uuid()) a where a.state <> 'FL002'), null);
select tests.holds('the line pings', (public.line_ping() ->> 'now') is not null);

-- The line, with a call that has proved nothing
select tests.equal('without badge and PIN only the call itself goes on, and what reception does for anybody; a number that is no customer''s has no visits',
  (select array_agg(a.name order by a.name) from pg_temp.answers(tests.call('+12025550101')) a
    where a.state not in ('FL004', 'FL101') and a.name not in ('confirm_customer', 'register_customer', 'free_slots', 'call_append', 'call_close', 'verify_pin', 'claim_call_commands', 'company_facts', 'find_person', 'take_message', 'request_callback',
      'transfer_begin', 'transfer_missed', 'transfer_report', 'transfer_resume', 'transfer_ring', 'report_danger',
      'call_verdict', 'keep_recording')), null);

-- The line, with a call that was proved and has ended
create temporary table ended as select tests.call('+12025550101', '101', '2010') as id;
select public.call_close((select id from ended), 'completed', 'caller_hung_up');
select tests.equal('a closed call opens nothing, but may be closed again',
  (select array_agg(a.name || ' ' || a.state order by a.name) from pg_temp.answers((select id from ended)) a
    -- Danger may be told by a call that has just ended; here it is of no kind.
    where a.state <> 'FL003' and a.name not in ('call_append', 'keep_recording') and a.name || a.state <> 'report_danger22023'), array['call_close answered']);

-- A technician who was let go in the middle of a call
create temporary table open_call as select tests.call('+12025550104', '104', '2040') as id;
select tests.act_as_owner();
update public.technicians set active = false where name = 'Alex Rodriguez';
select tests.act_as('the line');
select tests.refused('who is no longer active is refused at once', format('select public.my_status(%L)', (select id from open_call)), 'FL005');
select tests.refused('and does not get in again', format('select public.verify_pin(%L, %L, %L)', (select id from open_call), '104', '2040'), 'FL005');
select tests.done();
rollback;
