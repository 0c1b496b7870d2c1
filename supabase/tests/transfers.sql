-- Transfers: only people of the directory are rung, in order, one call at a time; every attempt keeps how it ended.
begin;
select tests.plan(57);
select tests.clock('2026-03-04 09:00 America/New_York');
create temporary table calls as select tests.call('+12025550199') as stranger, tests.call('+12025550198') as other, tests.call('+12025550110') as karen,
  tests.call('+12025550101', '101', '2010') as mike, tests.call('+12025550197', null, null, '+12025550190') as harbor;
select tests.act_as_owner();
grant select on calls to public;
select tests.act_as('the line');
create function pg_temp.people(call uuid, request text, whom text default null, department text default null) returns text language sql volatile as $$
  select string_agg(p.value ->> 'name', ', ' order by p.n)
  from jsonb_array_elements(public.transfer_begin(call, request, whom, people.department) -> 'people') with ordinality p (value, n) $$;
create function pg_temp.taken(call text) returns text language sql stable as $$
  select format('select public.transfer_begin((select %I from calls), ''x'', ', call) $$;
create function pg_temp.missed() returns text language sql stable as $$
  select string_agg(substring(n.message from ': ([a-z ]+)\.'), ', ' order by substring(n.message from ': ([a-z ]+)\.')) from public.notifications n where n.notification_type = 'missed_transfer' $$;

-- Whom
select tests.equal('somebody by name', pg_temp.people((select stranger from calls), 'a1', 'nina'), 'Nina Patel');
select tests.equal('a department in the order of routing priority', pg_temp.people((select stranger from calls), 'a2', null, 'dispatch'), 'Karen Miller, Tom Baker');
select tests.equal('a role', pg_temp.people((select stranger from calls), 'a3', 'whoever does cameras'), 'Nina Patel');
select tests.equal('anybody: by department, then by person, four at most', pg_temp.people((select stranger from calls), 'a4'), 'Karen Miller, Tom Baker, Nina Patel, Linda Torres');
select tests.equal('a colleague is named beside the one who is asked for',
  public.transfer_begin((select stranger from calls), 'a5', 'karen') ->> 'other', 'Tom Baker');
select tests.equal('asked again with the same request, the plan is the same', pg_temp.people((select stranger from calls), 'a1', 'karen'), 'Nina Patel');
select tests.equal('the caller is left out of the plan', pg_temp.people((select karen from calls), 'k1', null, 'dispatch'), 'Tom Baker');

-- Whom not
select tests.refused('a number in digits', pg_temp.taken('other') || '''+1 900 555 0100'')', 'FL090');
select tests.refused('a number in words', pg_temp.taken('other') || '''nine hundred five five five one two'')', 'FL090');
select tests.refused('the number that I tell you', pg_temp.taken('other') || '''the number I tell you'')', 'FL090');
select tests.refused('a number as a department', pg_temp.taken('other') || 'null, ''2025550199'')', 'FL090');
select tests.refused('nobody of that name', pg_temp.taken('other') || '''Zebulon Pfx'')', 'FL081');
select tests.refused('nobody of another company', pg_temp.taken('other') || '''Grace Kim'')', 'FL081');
select tests.refused('who is busy', pg_temp.taken('other') || '''Robert Hayes'')', 'FL091');
select tests.refused('a department whose only person is busy', pg_temp.taken('other') || 'null, ''sales'')', 'FL091');
select tests.refused('the caller himself', pg_temp.taken('karen') || '''Karen Miller'')', 'FL093');
select tests.act_as_owner();
insert into public.departments (company_id, name, routing_priority) values (tests.northgate(), 'Warehouse', 90);
insert into public.employees (company_id, name, department_id, routing_priority)
  select d.company_id, 'Walter Stone', d.id, 5 from public.departments d where d.company_id = tests.northgate() and d.name = 'Support';
select tests.act_as('the line');
select tests.refused('a department without anyone', pg_temp.taken('other') || 'null, ''warehouse'')', 'FL091');
select tests.refused('an employee without a phone', pg_temp.taken('other') || '''Walter Stone'')', 'FL091');
select tests.refused('a call that is not there', $$select public.transfer_begin(gen_random_uuid(), 'x')$$, 'FL002');

-- Ringing
select tests.equal('the number is given to ring it', public.transfer_ring((select stranger from calls), 'a2', 1) ->> 'number', '+12025550110');
select tests.equal('with the number that was dialled for caller ID', public.transfer_ring((select stranger from calls), 'a2', 1) ->> 'caller_id', '+12025550100');
select tests.equal('asked twice it is one attempt', public.transfer_ring((select stranger from calls), 'a2', 1) ->> 'attempt', '1');
select tests.equal('the plan of the other call has her too', pg_temp.people((select other from calls), 'o1', 'karen'), 'Karen Miller');
select tests.refused('but she is not rung for two calls at once', $$select public.transfer_ring((select other from calls), 'o1', 1)$$, 'FL097');
select tests.refused('nobody beyond the plan', $$select public.transfer_ring((select stranger from calls), 'a2', 3)$$, 'FL096');
select tests.refused('nobody before it', $$select public.transfer_ring((select stranger from calls), 'a2', 0)$$, 'FL096');
select tests.refused('nobody by another call''s request', $$select public.transfer_ring((select other from calls), 'a2', 1)$$, 'FL096');
select tests.refused('nothing is reported of another call''s attempt', $$select public.transfer_report((select other from calls), 1, 'accepted')$$, 'FL096');
select tests.equal('no answer is kept with what the network said',
  public.transfer_report((select stranger from calls), 1, 'no_answer', 480, 'Temporarily Unavailable') ->> 'outcome', 'no_answer');
select tests.equal('the office is told of the plan that nobody took', public.transfer_missed((select stranger from calls), 'a2') ->> 'told', 'true');
select tests.equal('once', public.transfer_missed((select stranger from calls), 'a2') ->> 'told', 'false');
select tests.equal('of no plan that there is not', public.transfer_missed((select stranger from calls), 'zz') ->> 'told', 'false');
select tests.equal('the first outcome stands', public.transfer_report((select stranger from calls), 1, 'accepted') ->> 'outcome', 'no_answer');
select tests.act_as('Vera');
select tests.equal('members read it', (select t.sip_status || ' ' || t.sip_reason from public.transfers t), '480 Temporarily Unavailable');
select tests.equal('the office hears of a caller whom nobody took', pg_temp.missed(), 'no answer');
select tests.act_as('Otto');
select tests.equal('another company does not', (select count(*)::integer from public.transfers), 0);
select tests.act_as('the line');
select tests.equal('then the other call may ring her', public.transfer_ring((select other from calls), 'o1', 1) ->> 'name', 'Karen Miller');

-- A worker dies while it rings
select tests.later('5 minutes');
select tests.equal('a claim that nobody settled runs out',
  (public.transfer_ring((select stranger from calls), 'a5', 1) ->> 'name'), 'Karen Miller');
select tests.equal('the job that goes on finds nobody connected', public.transfer_resume((select stranger from calls)) ->> 'connected', 'false');

-- A technician
select tests.equal('a technician gets the office', pg_temp.people((select mike from calls), 'm1', null, 'dispatch'), 'Karen Miller, Tom Baker');
create temporary table rung as select public.transfer_ring((select mike from calls), 'm1', 1) as facts;
select tests.equal('who tells whom it is', (select facts #>> '{caller,name}' from rung), 'Mike Johnson');

-- Accepted
select tests.equal('answered is no outcome', public.transfer_report((select mike from calls), 1, 'answered') ->> 'outcome', null);
select tests.equal('accepted is', public.transfer_report((select mike from calls), 1, 'accepted') ->> 'outcome', 'accepted');
select tests.equal('a job that goes on with it knows that they talk', public.transfer_resume((select mike from calls)) ->> 'name', 'Karen Miller');
select tests.later('90 seconds');
select tests.refused('who talks is not rung', $$select public.transfer_ring((select stranger from calls), 'a4', 1)$$, 'FL097');
select tests.equal('the call''s end', public.call_close((select mike from calls), 'completed', 'caller_hung_up') ->> 'status', 'transferred');
select tests.act_as('Vera');
select tests.equal('is the end of the talk', (select t.talk_seconds from public.transfers t where t.outcome = 'accepted'), 90);
select tests.equal('and says who took the call', (select e.name::text from public.call_logs c join public.employees e on e.id = c.employee_id where c.status = 'transferred'), 'Karen Miller');
select tests.act_as('the line');

-- A caller who leaves while the first of several is rung
select tests.equal('two could be rung', pg_temp.people((select other from calls), 'o2', null, 'dispatch'), 'Karen Miller, Tom Baker');
create temporary table left_on as select public.transfer_ring((select other from calls), 'o2', 1) as facts;
select public.call_close((select other from calls), 'completed', 'caller_hung_up');
select tests.act_as('Vera');
select tests.equal('the office hears of each plan that nobody took, once, and of none that somebody did', pg_temp.missed(), 'caller left, failed, no answer');
select tests.act_as('the line');

-- Danger, at night
select tests.clock('2026-03-04 23:00 America/New_York');
select tests.refused('at night nobody is rung', pg_temp.taken('stranger') || 'null)', 'FL092');
select tests.refused('without anybody on call there is nobody', pg_temp.taken('stranger') || 'null, null, null, true)', 'FL095');
select tests.act_as_owner();
update public.employees set roles = roles || '{on-call}', status = 'away' where name = 'Tom Baker';
update public.company_info set settings = settings || jsonb_build_object('on_call', jsonb_build_array((select e.id from public.employees e where e.name = 'Linda Torres')))
  where company_id = tests.northgate();
select tests.act_as('the line');
select tests.equal('those on call are rung at any hour, in the company''s order',
  (select string_agg(p ->> 'name', ', ') from jsonb_array_elements(public.transfer_begin((select stranger from calls), 'e1', null, null, 'gas', true) -> 'people') p),
  'Linda Torres, Tom Baker');

-- Limits
select tests.holds('ten plans fit in a call', (select bool_and(public.transfer_begin((select stranger from calls), 'l' || n, null, null, null, true) is not null) from generate_series(1, 8) n));
select tests.refused('the eleventh is refused', format('select public.transfer_begin(%L, ''l11'', ''nina'')', (select stranger from calls)), 'FL094');

-- Settings
select tests.equal('what a company may settle since', public.settings_problem('{"refer_transfers": true, "hold_music": "tones", "on_call": [], "language_switch": false,
  "booking_slot_minutes": 60, "visits_per_day": 2, "message_sound_days": 30}'), null);
select tests.equal('within bounds', (select count(*)::integer from jsonb_each('{"refer_transfers": 1, "hold_music": "loud", "on_call": ["Tom"], "language_switch": "yes",
  "booking_slot_minutes": 1, "visits_per_day": 21, "message_sound_days": 0}') s where public.settings_problem(jsonb_build_object(s.key, s.value)) is null), 0);
select tests.done();
rollback;
