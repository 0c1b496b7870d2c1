-- Badge and PIN: five wrong tries in 15 minutes lock the calling number, across calls, and never keep Mike from working.
begin;
select tests.plan(81);
select tests.clock('2026-03-04 14:00Z');

create function pg_temp.try(call uuid, badge text, pin text) returns text language sql as $$
  select coalesce(v ->> 'reason', 'verified') || case when v ->> 'reason' = 'wrong' then ' ' || (v ->> 'tries_left') else '' end
  from public.verify_pin(call, badge, pin) v $$;
-- Each on a call of its own.
create function pg_temp.try_from(number text, badge text, pin text) returns text language sql as $$
  select pg_temp.try(tests.call(number), badge, pin) $$;

-- The right one
create temporary table mikes (facts jsonb);
grant all on mikes to public;
insert into mikes select public.verify_pin(tests.call('+12025550101'), '101', '2010');
select tests.equal('Mike is verified', facts ->> 'name', 'Mike Johnson') from mikes;
select tests.equal('and told what waits for him', facts -> 'unread', '{"normal": 1, "high": 1, "urgent": 0}'::jsonb) from mikes;
select tests.equal('he has not clocked in', facts -> 'clocked_in', 'false'::jsonb) from mikes;
select tests.equal('he calls from his own phone', facts -> 'lent_phone', 'false'::jsonb) from mikes;
select tests.equal('Sarah is at work in truck 202', public.verify_pin(tests.call('+12025550102'), '102', '2020') -> 'truck', '202'::jsonb);
select tests.equal('any phone will do', pg_temp.try_from('+13105550001', '103', '2030'), 'verified');
select tests.holds('and is known to be another''s', (public.verify_pin(tests.call('+13105550001'), '103', '2030') -> 'lent_phone')::boolean);
select tests.holds('his other open call is noticed', (public.verify_pin(tests.call('+13105550002'), '103', '2030') -> 'other_call_open')::boolean);
select tests.equal('signs between the digits of a badge are forgiven', pg_temp.try_from('+12025550101', '1-0-1', '2010'), 'verified');
select tests.act_as_owner();
select tests.holds('the call is Mike''s now', (select c.verified_at is not null and c.line = 'technician' from public.call_logs c
  join public.technicians t on t.id = c.technician_id where t.name = 'Mike Johnson' limit 1));
select tests.equal('a PIN is kept as bcrypt only', (select count(*) from public.technician_pins where pin_hash like '$2a$%'), 5::bigint);

-- The company decides: Harbor's badge 101 is somebody else
select tests.act_as('the line');
select tests.equal('Mike''s PIN does not open Harbor', pg_temp.try(tests.call('+13105550009', to_number => '+12025550190'), '101', '2010'), 'wrong 4');
select tests.equal('Dana''s does', pg_temp.try(tests.call('+13105550009', to_number => '+12025550190'), '101', '7391'), 'verified');
select tests.equal('but does not open Northgate', pg_temp.try_from('+12025550191', '101', '7391'), 'wrong 4');

-- Five wrong tries lock the number, not Mike
select tests.equal('the first wrong try leaves four', pg_temp.try_from('+13105550100', '101', '0001'), 'wrong 4');
select tests.equal('the count goes on in the next call', pg_temp.try_from('+13105550100', '101', '0002'), 'wrong 3');
select tests.equal('an unknown badge counts like a wrong PIN', pg_temp.try_from('+13105550100', '999', '2010'), 'wrong 2');
select tests.equal('so does nothing at all', pg_temp.try_from('+13105550100', '', ''), 'wrong 1');
select tests.equal('the fifth locks', pg_temp.try_from('+13105550100', '102', '0001'), 'locked');
select tests.equal('now the right PIN is not even looked at', pg_temp.try_from('+13105550100', '101', '2010'), 'locked');
select tests.equal('for a quarter of an hour', public.verify_pin(tests.call('+13105550100'), '101', '2010') -> 'wait_seconds', '900'::jsonb);
select tests.equal('Mike calls from his own phone as ever', pg_temp.try_from('+12025550101', '101', '2010'), 'verified');
select tests.equal('and from a third phone too', pg_temp.try_from('+13105550101', '101', '2010'), 'verified');
select tests.later('14 minutes');
select tests.equal('after fourteen minutes it is still locked', pg_temp.try_from('+13105550100', '101', '2010'), 'locked');
select tests.later('61 seconds');
select tests.equal('after fifteen it is not', pg_temp.try_from('+13105550100', '101', '2010'), 'verified');
select tests.act_as('Vera');
select tests.equal('the office was told', (select array_agg(message) from public.notifications where notification_type = 'lockout'),
  array['Five wrong PINs from +13105550100, the last for badge 102 (Sarah Williams). That number is locked for 15 minutes.']);
select tests.act_as('Dora');
select tests.equal('and a dispatcher sees the tries', (select count(*) from public.pin_attempts where from_number = '+13105550100' and not succeeded), 5::bigint);

-- Slow typing is no attack
select tests.act_as('the line');
select tests.equal('a try', pg_temp.try_from('+13105550150', '104', '1'), 'wrong 4');
select tests.later('14 minutes');
select tests.equal('counts for a quarter of an hour', pg_temp.try_from('+13105550150', '104', '1'), 'wrong 3');
select tests.later('2 minutes');
select tests.equal('and not for longer', pg_temp.try_from('+13105550150', '104', '1'), 'wrong 3');
select tests.act_as('the line');
select tests.equal('four wrong', (select string_agg(pg_temp.try_from('+12025550104', '104', '000' || n), ', ') from generate_series(1, 4) n), 'wrong 4, wrong 3, wrong 2, wrong 1');
select tests.equal('and then the right one', pg_temp.try_from('+12025550104', '104', '2040'), 'verified');
select tests.equal('start the count anew for Alex', pg_temp.try_from('+12025550104', '104', '0009'), 'wrong 4');
select tests.later('30 minutes');
select tests.equal('tries of half an hour ago do not count', pg_temp.try_from('+12025550104', '104', '0008'), 'wrong 4');
select tests.later('30 minutes');
select tests.equal('a colleague''s own sign-in does not wipe out what he tried for Alex',
  (select string_agg(pg_temp.try_from('+12025550102', b.badge, b.pin), ', ' order by b.n)
   from (values (1, '104', '1'), (2, '104', '2'), (3, '104', '3'), (4, '104', '4'), (5, '102', '2020'), (6, '104', '5')) b (n, badge, pin)),
  'wrong 4, wrong 3, wrong 2, wrong 1, verified, locked');

-- Withheld numbers count as one
select tests.equal('withheld callers share a count', (select string_agg(pg_temp.try_from(f.n, '103', '9'), ', ' order by f.i)
  from (values (1, ''), (2, 'anonymous'), (3, 'Restricted'), (4, ''), (5, '')) f (i, n)), 'wrong 4, wrong 3, wrong 2, wrong 1, locked');
select tests.equal('and no phone that shows its number is touched', pg_temp.try_from('+12025550103', '103', '2030'), 'verified');

-- Whoever fumbles on their own phone is not taken for a stranger elsewhere
select tests.later('1 day');
select tests.equal('Sarah fumbles', (select string_agg(pg_temp.try_from('+12025550102', '102', '1'), ', ') from generate_series(1, 4)), 'wrong 4, wrong 3, wrong 2, wrong 1');
select tests.equal('a stranger tries once', pg_temp.try_from('+13105550161', '102', '1'), 'wrong 4');
select tests.equal('on another phone she gets in at once', pg_temp.try_from('+13105550160', '102', '2020'), 'verified');
select tests.act_as('Vera');
select tests.equal('and nobody is told of strangers', (select count(*) from public.notifications where message like 'Five wrong PINs for badge 102%'), 0::bigint);

-- Many numbers on one badge slow strangers down
select tests.act_as('the line');
select tests.later('1 day');
select tests.equal('four numbers, four tries', (select string_agg(pg_temp.try_from('+1310555020' || n, '101', '0001'), ', ') from generate_series(1, 4) n), 'wrong 4, wrong 4, wrong 4, wrong 4');
select tests.equal('the fifth is counted', pg_temp.try_from('+13105550205', '101', '0001'), 'wrong 4');
select tests.equal('the sixth has to wait', pg_temp.try_from('+13105550206', '101', '2010'), 'slow');
select tests.equal('half a minute', public.verify_pin(tests.call('+13105550206'), '101', '2010') -> 'wait_seconds', '30'::jsonb);
select tests.equal('Mike himself does not wait', pg_temp.try_from('+12025550101', '101', '2010'), 'verified');
select tests.equal('nor does Sarah, on somebody''s phone', pg_temp.try_from('+13105550206', '102', '2020'), 'verified');
select tests.later('31 seconds');
select tests.equal('then a stranger may try again', pg_temp.try_from('+13105550206', '101', '0001'), 'wrong 4');
select tests.later('31 seconds');
select tests.equal('and waits for longer', pg_temp.try_from('+13105550207', '101', '0001'), 'slow');
select tests.act_as('Vera');
select tests.holds('the office was told of that too', exists (select from public.notifications where notification_type = 'lockout' and message like 'Five wrong PINs for badge 101%'));

-- A code in the place of the PIN
select tests.act_as('Dora');
create temporary table code as select public.issue_one_time_code(1) ->> 'code' as code;
grant all on code to public;
select tests.holds('a code has six digits', (select code ~ '^[0-9]{6}$' from code));
select tests.equal('it works at once, from any phone: issuing it ends the waiting', pg_temp.try_from('+13105550207', '101', (select code from code)), 'verified');
select tests.equal('and once only', pg_temp.try_from('+13105550208', '101', (select code from code)), 'wrong 4');
select tests.act_as('Dora');
update code set code = public.issue_one_time_code(1) ->> 'code';
create temporary table later_code as select public.issue_one_time_code(1) ->> 'code' as code;
grant all on later_code to public;
select tests.equal('a new code replaces the last', pg_temp.try_from('+13105550209', '101', (select code from code)), 'wrong 4');
select tests.equal('somebody else''s badge does not take it', pg_temp.try_from('+13105550209', '102', (select code from later_code)), 'wrong 3');
select tests.later('24 hours');
select tests.equal('after a day it is worth nothing', pg_temp.try_from('+13105550210', '101', (select code from later_code)), 'wrong 4');

-- What a dispatcher may do
select tests.act_as('Dora');
select tests.refused('a PIN of a repeated digit is refused', $$select public.set_pin(1, '7777')$$, 'FL074');
select tests.refused('digits in a row are refused', $$select public.set_pin(1, '3456')$$, 'FL074');
select tests.refused('the badge number is refused, and so is a short one', $$select public.set_pin(1, '101')$$, 'FL074');
select tests.refused('letters are refused', $$select public.set_pin(1, 'abcd')$$, 'FL074');
select public.set_pin(1, '4812');
select tests.equal('a new PIN replaces the old', pg_temp.try_from('+12025550101', '101', '4812') || pg_temp.try_from('+12025550101', '101', '2010'), 'verifiedwrong 4');
select tests.equal('a locked number', (select max(pg_temp.try_from('+13105550300', '104', '1')) from generate_series(1, 5)), 'wrong 4');
select tests.act_as('Dora');
select public.unlock_number('+13105550300');
select tests.equal('is unlocked by a dispatcher', pg_temp.try_from('+13105550300', '104', '2040'), 'verified');

-- A company's own rules
select tests.act_as_owner();
select tests.later('2 days');
update public.company_info set settings = settings || '{"pin_tries": 3, "pin_lock_minutes": 60, "pin_length": 6}' where company_name = 'Northgate Security';
select tests.act_as('the line');
select tests.equal('who allows three tries locks at the third', (select string_agg(pg_temp.try_from('+13105550400', '101', '000' || n), ', ') from generate_series(1, 3) n),
  'wrong 2, wrong 1, locked');
select tests.equal('for as long as it says', public.verify_pin(tests.call('+13105550400'), '102', '2020') -> 'wait_seconds', '3600'::jsonb);
select tests.equal('the answer of the try that locks says so too',
  (select v from (select public.verify_pin(tests.call('+13105550401'), '104', '1') -> 'wait_seconds' as v from generate_series(1, 3)) t offset 2), '3600'::jsonb);
select tests.equal('another company goes by its own', pg_temp.try(tests.call('+13105550400', to_number => '+12025550190'), '101', '1'), 'wrong 4');
select tests.later('59 minutes');
select tests.equal('still', pg_temp.try_from('+13105550400', '102', '2020'), 'locked');
select tests.later('61 seconds');
select tests.equal('and then no longer', pg_temp.try_from('+13105550400', '102', '2020'), 'verified');
select tests.equal('a wrong try counts as long as a lock lasts', pg_temp.try_from('+13105550402', '103', '1'), 'wrong 2');
select tests.later('50 minutes');
select tests.equal('and goes on counting', pg_temp.try_from('+13105550402', '103', '1'), 'wrong 1');
select tests.later('1 day');
select tests.equal('strangers on three numbers', (select string_agg(pg_temp.try_from('+1310555041' || n, '104', '1'), ', ') from generate_series(1, 3) n), 'wrong 2, wrong 2, wrong 2');
select tests.equal('make the next one wait', pg_temp.try_from('+13105550414', '104', '2040'), 'slow');
select tests.act_as('Vera');
select tests.holds('the office hears the company''s own figures', exists (select from public.notifications
  where message = 'Three wrong PINs from +13105550400, the last for badge 101 (Mike Johnson). That number is locked for 60 minutes.'));
select tests.holds('of strangers too', exists (select from public.notifications where message like 'Three wrong PINs for badge 104 (Alex Rodriguez) from other telephones%'));
select tests.act_as('Dora');
select tests.refused('a new PIN has as many digits as the company wants', $$select public.set_pin(1, '48121')$$, 'FL074');
select tests.equal('or more', public.set_pin(1, '481215') ->> 'badge', '101');
select tests.equal('a PIN of before stays good', pg_temp.try_from('+12025550102', '102', '2020'), 'verified');
select tests.act_as_owner();
update public.company_info set settings = settings || '{"pin_tries": 10}' where company_name = 'Northgate Security';
select tests.act_as('the line');
select tests.equal('who allows ten tries locks at the tenth', (select string_agg(pg_temp.try_from('+13105550420', '999', '1'), ', ') from generate_series(1, 10) n),
  'wrong 9, wrong 8, wrong 7, wrong 6, wrong 5, wrong 4, wrong 3, wrong 2, wrong 1, locked');
select tests.equal('what a company may ask of PINs', public.settings_problem('{"pin_tries": 3, "pin_lock_minutes": 1440, "pin_length": 8}'), null);
select tests.equal('within bounds, and whole', (select count(*)::integer from (values ('{"pin_tries": 2}'), ('{"pin_tries": 11}'), ('{"pin_tries": 3.0}'), ('{"pin_tries": "3"}'),
  ('{"pin_tries": null}'), ('{"pin_lock_minutes": 14}'), ('{"pin_lock_minutes": 1441}'), ('{"pin_length": 3}'), ('{"pin_length": 9}')) s (given)
  where public.settings_problem(s.given::jsonb) is null), 0);
select tests.done();
rollback;
