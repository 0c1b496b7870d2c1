-- Opening hours: the shape is checked, the zone is the company's, and holidays, nights and clock changes come out right.
begin;
select tests.plan(48);

-- The shape
select tests.equal('no hours are fine', public.hours_problem(null), null::text);
select tests.equal('two spans in a day are fine', public.hours_problem('{"mon": [["07:00","12:00"],["13:00","24:00"]]}'), null::text);
select tests.equal('a night is fine', public.hours_problem('{"fri": [["22:00","06:00"]]}'), null::text);
select tests.equal('holidays, short and long, are fine',
  public.hours_problem('{"holidays": ["2026-12-25", {"date": "2026-12-24", "name": "Eve", "hours": [["08:00","12:00"]]}]}'), null::text);
select tests.holds('a wrong shape is told in words: ' || h.hours, public.hours_problem(h.hours::jsonb) is not null)
from (values ('[]'), ('{"monday": []}'), ('{"mon": "07:00-16:00"}'), ('{"mon": [["7:00","16:00"]]}'), ('{"mon": [["07:00"]]}'),
  ('{"mon": [["07:00","25:00"]]}'), ('{"mon": [["24:00","06:00"]]}'), ('{"mon": [["07:00","07:00"]]}'), ('{"mon": [["07:00","12:00"],["11:00","16:00"]]}'),
  ('{"mon": [["22:00","06:00"],["23:00","23:30"]]}'), ('{"mon": [[7, 16]]}'), ('{"mon": [null]}'), ('{"holidays": "2026-12-25"}'),
  ('{"holidays": ["2026-02-29"]}'), ('{"holidays": [{"hours": []}]}'), ('{"holidays": [{"date": "2026-12-24", "open": true}]}'), ('{"mon": null}')) h (hours);
select tests.refused('a table takes no wrong hours', $$update public.departments set available_hours = '{"mon": [["9","5"]]}'$$, '23514');
select tests.refused('a company has a real time zone', $$update public.company_info set timezone = 'America/Nowhere'$$, '23514');
select tests.refused('an abbreviation is no time zone', $$update public.company_info set timezone = 'EST5EDT'$$, '23514');
select tests.refused('an unknown setting is refused', $$update public.company_info set settings = '{"recordings": true}'$$, '23514');
select tests.refused('a setting out of bounds is refused', $$update public.company_info set settings = '{"max_call_minutes": 9999}'$$, '23514');

-- Nights and clock changes, in New York
create function pg_temp.opens(hours text, day text) returns tstzmultirange language sql as $$
  select public.open_hours(hours::jsonb, 'America/New_York', day::timestamp at time zone 'America/New_York', (day::timestamp + interval '1 day') at time zone 'America/New_York') $$;
select tests.equal('a night that began yesterday is open this morning',
  pg_temp.opens('{"tue": [["22:00","06:00"]]}', '2026-03-04'), tstzmultirange(tstzrange('2026-03-04 05:00Z', '2026-03-04 11:00Z')));
select tests.equal('in summer seven in the morning is an hour earlier in UTC',
  pg_temp.opens('{"wed": [["07:00","16:00"]]}', '2026-07-01'), tstzmultirange(tstzrange('2026-07-01 11:00Z', '2026-07-01 20:00Z')));
select tests.equal('the night in which clocks go forward is an hour short',
  pg_temp.opens('{"sun": [["00:00","06:00"]]}', '2026-03-08'), tstzmultirange(tstzrange('2026-03-08 05:00Z', '2026-03-08 10:00Z')));
select tests.equal('the night in which clocks go back is an hour long',
  pg_temp.opens('{"sun": [["00:00","06:00"]]}', '2026-11-01'), tstzmultirange(tstzrange('2026-11-01 04:00Z', '2026-11-01 11:00Z')));
select tests.equal('a span inside the hour that does not exist does no harm',
  pg_temp.opens('{"sun": [["02:30","03:00"]]}', '2026-03-08'), '{}'::tstzmultirange);
select tests.equal('all day is all day', pg_temp.opens('{"wed": [["00:00","24:00"]]}', '2026-03-04'),
  tstzmultirange(tstzrange('2026-03-04 05:00Z', '2026-03-05 05:00Z')));

-- Reachable? Northgate is open 7 to 4, on weekends to 1; Wednesday 2026-03-04
create function pg_temp.ask(name text, at text) returns jsonb language sql as $$
  select public.is_reachable('employee', e.id, at::timestamp at time zone 'America/New_York') from public.employees e where e.name = ask.name $$;
create function pg_temp.ask_department(name text, at text) returns jsonb language sql as $$
  select public.is_reachable('department', d.id, at::timestamp at time zone 'America/New_York')
  from public.departments d where d.name = ask_department.name and d.company_id = tests.northgate() $$;
select tests.act_as('Vera');
select tests.equal('Karen can be reached on a working day', pg_temp.ask('Karen Miller', '2026-03-04 09:00'),
  '{"reachable": true, "reason": "open", "next_at": null}'::jsonb);
select tests.equal('at night she cannot, but at seven', pg_temp.ask('Karen Miller', '2026-03-04 22:00') ->> 'next_at', '2026-03-05T12:00:00+00:00');
select tests.equal('Linda works mornings, Monday to Thursday: on Wednesday afternoon, next is Thursday at eight',
  pg_temp.ask('Linda Torres', '2026-03-04 12:30') ->> 'next_at', '2026-03-05T13:00:00+00:00');
select tests.equal('on Thursday afternoon, next is Monday, after the clocks went forward',
  pg_temp.ask('Linda Torres', '2026-03-05 12:30') ->> 'next_at', '2026-03-09T12:00:00+00:00');
select tests.equal('Robert is busy, and nobody knows for how long', pg_temp.ask('Robert Hayes', '2026-03-04 09:00'),
  '{"reachable": false, "reason": "busy", "next_at": null}'::jsonb);
select tests.equal('Dispatch answers on Sunday morning, through its first person',
  pg_temp.ask_department('Dispatch', '2026-03-08 09:00') #>> '{employee,name}', 'Karen Miller');
select tests.equal('Sales is closed on Sunday, until Monday at seven', pg_temp.ask_department('Sales', '2026-03-08 09:00') ->> 'next_at', '2026-03-09T11:00:00+00:00');
select tests.equal('a department with nobody free says so', pg_temp.ask_department('Sales', '2026-03-04 09:00') ->> 'reason', 'nobody_available');
select tests.equal('a department whose people come later says when', pg_temp.ask_department('Billing', '2026-03-04 14:00') ->> 'next_at', '2026-03-05T13:00:00+00:00');
select tests.refused('somebody unknown is not in the directory', $$select public.is_reachable('employee', gen_random_uuid())$$, 'FL071');

-- Holidays
select tests.act_as_owner();
update public.company_info set business_hours = business_hours || '{"holidays": ["2026-03-04", {"date": "2026-03-05", "hours": [["10:00","12:00"]]}]}'
where company_id = tests.northgate();
select tests.act_as('Vera');
select tests.equal('a holiday is a reason of its own, and the next day has holiday hours', pg_temp.ask('Karen Miller', '2026-03-04 09:00'),
  '{"reachable": false, "reason": "holiday", "next_at": "2026-03-05T15:00:00+00:00"}'::jsonb);
select tests.holds('on a short holiday she is there while it is open', (pg_temp.ask('Karen Miller', '2026-03-05 11:00') -> 'reachable')::boolean);
select tests.act_as_owner();
update public.company_info set business_hours = business_hours || jsonb_build_object('holidays',
  (select jsonb_agg(to_char(date '2026-03-04' + n, 'YYYY-MM-DD')) from generate_series(0, 20) n)) where company_id = tests.northgate();
select tests.act_as('Vera');
select tests.equal('after three weeks of holidays next is then', pg_temp.ask('Karen Miller', '2026-03-04 09:00') ->> 'next_at', '2026-03-25T11:00:00+00:00');
select tests.act_as_owner();
update public.company_info set business_hours = '{}' where company_id = tests.northgate();
select tests.act_as('Vera');
select tests.equal('a company that never opens has no next', pg_temp.ask('Karen Miller', '2026-03-04 09:00') -> 'next_at', 'null'::jsonb);
-- Hours that got past their constraint
select tests.act_as_owner();
alter table public.company_info drop constraint company_info_business_hours_check;
update public.company_info set business_hours = '{"mon": 5, "tue": 5, "wed": 5, "thu": 5, "fri": 5, "sat": 5, "sun": 5}' where company_id = tests.harbor();
select tests.equal('broken hours count as closed', public.is_reachable('company', tests.harbor()) ->> 'reason', 'hours_broken');
insert into public.messages (company_id, from_caller, to_employee_id, message_text)
  select e.company_id, 'Jane', e.id, 'Hello' from public.employees e where e.name = 'Grace Kim';
select tests.equal('and a message does not wait for them', (select count(*) from public.deliveries d where d.next_attempt_at <= public.fieldline_now()), 2::bigint);
select tests.done();
rollback;
