-- What the console asks of the database beside tables: calls by their words, who can be reached, and the order of the directory.
begin;
select tests.plan(10);
select tests.clock('2026-03-04 14:00Z');
create function pg_temp.total(company uuid, words text) returns text language sql as
$$ select public.find_calls(company, words) ->> 'total' $$;
create function pg_temp.rung() returns text language sql security definer as
$$ select string_agg(e.name, ', ' order by e.routing_priority, e.name) from public.employees e
  join public.departments d on d.id = e.department_id and d.name = 'Dispatch' $$;
select tests.act_as('the line');
select public.call_append((f ->> 'call_id')::uuid, (f ->> 'session_id')::uuid,
  '[{"sequence": 1, "type": "user", "content": "Fifty percent, 50% off", "data": {}}, {"sequence": 2, "type": "key", "content": "secret key", "data": {}}]')
from public.call_open('call-words', '+12025550120', '+12025550100') f;

select tests.act_as('Vera');
select tests.equal('words are found in any letters', pg_temp.total(tests.northgate(), 'FIFTY percent'), '1');
select tests.equal('nothing in them is a wildcard', pg_temp.total(tests.northgate(), '5%off'), '0');
select tests.equal('not even at the end', pg_temp.total(tests.northgate(), '50%'), '1');
select tests.equal('what was keyed is not words', pg_temp.total(tests.northgate(), 'secret'), '0');
select tests.equal('another company''s calls are not there', pg_temp.total(tests.harbor(), 'fifty'), '0');
select public.move_employee(e.id, -1) from public.employees e where e.name = 'Tom Baker';
select tests.equal('a viewer moves nobody', pg_temp.rung(), 'Karen Miller, Tom Baker');
select tests.equal('only who is asked for is told of', public.directory_now(tests.northgate()) -> 'employees', '{}'::jsonb);

select tests.act_as('Otto');
select tests.equal('another company does not find them either', pg_temp.total(tests.northgate(), 'fifty'), '0');
select tests.act_as('Dora');
select public.move_employee(e.id, 1) from public.employees e where e.name = 'Karen Miller';
select tests.equal('a dispatcher does', pg_temp.rung(), 'Tom Baker, Karen Miller');
select public.move_employee(e.id, 5) from public.employees e where e.name = 'Karen Miller';
select tests.equal('and not beyond the end', pg_temp.rung(), 'Tom Baker, Karen Miller');
select tests.done();
rollback;
