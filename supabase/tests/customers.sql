-- Customers on the line: nothing private before number and name fit, nothing of anybody else's at all, and visits booked
-- among the technicians' own orders.
begin;
select tests.plan(42);
select tests.clock('2026-03-04 09:00 America/New_York');
create temporary table calls as select tests.call('+12025550120') as bank, tests.call('+12025550127') as flats, tests.call('+12025550199') as stranger,
  tests.call(null) as withheld, tests.call('+12025550120', null, null, '+12025550190') as elsewhere;
select tests.act_as_owner();
grant select on calls to public;
select tests.equal('a known number is a customer''s call', (select array_agg(l.line order by l.from_number) from public.call_logs l where l.from_number is not null),
  array['customer', 'reception', 'customer', 'reception']);
-- A quiet fortnight: what was seeded ahead is out of the way, but for the visit of today.
update public.work_orders set scheduled_for = scheduled_for - interval '200 days', ends_at = ends_at - interval '200 days'
where company_id = tests.northgate() and status = 'scheduled';
create function pg_temp.id(who text) returns uuid language sql as $$ select (to_jsonb(c) ->> who)::uuid from calls c $$;
create function pg_temp.facts(statement text) returns jsonb language plpgsql as $$
declare detail text; begin execute statement; return null; exception when others then get stacked diagnostics detail = pg_exception_detail; return detail::jsonb; end $$;
select tests.act_as('the line');

-- Words as they are heard
select tests.act_as_owner();
select tests.equal('house numbers are told in many ways', array[public._house_words('Twelve Hundred River Road'), public._house_words('one two zero zero river road'),
  public._house_words('1200, River Road'), public._house_words('a hundred and five main'), public._house_words('twenty one Oak')],
  array['1200 river road', '1200 river road', '1200 river road', 'a 105 main', '21 oak']);
create function pg_temp.is_like(name text, heard text) returns boolean language sql as $$
  select public._words_fit(public._customer_words(name), public._customer_words(heard), 0.66) $$;
select tests.holds('a name as it sounds', pg_temp.is_like('City Bank', 'sitty bank') and pg_temp.is_like('Katherine Meyer', 'Catharine Maier')
  and pg_temp.is_like('Retail Mall Corp', 'the retail mall') and pg_temp.is_like('School District', 'this is Tom calling from School District'));
select tests.holds('half a name is none', not pg_temp.is_like('City Bank', 'bank') and not pg_temp.is_like('Jane Doe', 'Jane Smith'));
select tests.holds('a list of names is none', not pg_temp.is_like('City Bank', 'school district office complex medical center city bank retail mall'));
select tests.holds('an address needs its house number', public._address_fits('100 Main Street, Washington', public._customer_words('one hundred main'))
  and not public._address_fits('100 Main Street, Washington', public._customer_words('two hundred main street'))
  and not public._address_fits('100 Main Street, Washington', public._customer_words('washington')));

-- Who is calling
select tests.act_as('the line');
select tests.refused('the number alone tells nothing', $$select public.my_visits(pg_temp.id('bank'))$$, 'FL100');
select tests.refused('a strange number has no visits', $$select public.my_visits(pg_temp.id('stranger'))$$, 'FL101');
select tests.equal('nor becomes somebody by a name', public.confirm_customer(pg_temp.id('stranger'), 'City Bank') ->> 'reason', 'unknown');
select tests.equal('nor does a withheld one', public.confirm_customer(pg_temp.id('withheld'), 'City Bank') ->> 'reason', 'unknown');
select tests.equal('a customer''s number is nobody''s at the other company', public.confirm_customer(pg_temp.id('elsewhere'), 'City Bank') ->> 'reason', 'unknown');
select tests.equal('another customer''s name does not fit', public.confirm_customer(pg_temp.id('bank'), 'Medical Center'),
  '{"confirmed": false, "reason": "wrong", "tries_left": 2}'::jsonb);
select tests.holds('the own one does, also as it sounds', (public.confirm_customer(pg_temp.id('bank'), 'Sitty Bank') -> 'confirmed')::boolean);
select tests.holds('and so does the address', (public.confirm_customer(pg_temp.id('flats'), null, 'twelve hundred river road') -> 'confirmed')::boolean);
create temporary table guesser as select tests.call('+12025550121') as first, tests.call('+12025550121') as second;
grant select on guesser to public;
select tests.equal('after three wrong names a call is locked', (
  select array_agg(public.confirm_customer(g.first, 'Wrong Name') ->> 'reason') from guesser g, generate_series(1, 3)), array['wrong', 'wrong', 'locked']);
select tests.equal('then even for the right one', (select public.confirm_customer(first, 'Retail Mall') ->> 'reason' from guesser), 'locked');
select tests.refused('and is told so', $$select public.my_visits((select first from guesser))$$, 'FL102');
select tests.equal('six a day lock the number', (
  select array_agg(public.confirm_customer(g.second, 'Wrong Name') ->> 'reason') from guesser g, generate_series(1, 3)), array['wrong', 'wrong', 'locked']);
select tests.equal('until tomorrow', public.confirm_customer(tests.call('+12025550121'), 'Retail Mall') ->> 'reason', 'locked');
select tests.later('25 hours');
select tests.holds('when it may try again', (public.confirm_customer(tests.call('+12025550121'), 'Retail Mall') -> 'confirmed')::boolean);
select tests.clock('2026-03-04 09:00 America/New_York');
select tests.act_as('Dora');
select tests.equal('the office sees who tried', (select count(*) from public.customer_checks where not succeeded), 7::bigint);
select tests.act_as('Otto');
select tests.equal('the other company does not', (select count(*) from public.customer_checks), 0::bigint);
select tests.act_as('the line');

-- Whose visits
select tests.equal('a customer hears of the own visits only', (
  select array_agg(distinct v.value ->> 'number') from jsonb_array_elements(public.my_visits(pg_temp.id('flats')) -> 'visits') v), array['1057']);
select tests.refused('another''s number is unknown', $$select public.cancel_visit(pg_temp.id('flats'), 'x1', 'no reason', '1062', true)$$, 'FL104');
select tests.refused('like one that does not exist', $$select public.move_visit(pg_temp.id('flats'), 'x2', 'friday', null, '999999', true)$$, 'FL104');
select tests.equal('and the same words are said of both',
  pg_temp.facts($$select public.cancel_visit(pg_temp.id('flats'), 'x3', 'no reason', '1062', true)$$), '{"heard": "1062"}'::jsonb);

-- Free times: the company's hours, its holidays, the clock change
select tests.equal('the next free time is tomorrow morning: today everybody has two orders', public.free_slots(pg_temp.id('stranger')) #>> '{slots,0,starts_at}', '2026-03-05T12:00:00Z');
select tests.equal('a day that is asked for comes first', public.free_slots(pg_temp.id('stranger'), 'friday', 'afternoon') #>> '{slots,0,starts_at}', '2026-03-06T17:00:00Z');
select tests.equal('after the clock change an hour earlier', public.free_slots(pg_temp.id('stranger'), '2026-03-09') #>> '{slots,0,starts_at}', '2026-03-09T11:00:00Z');
select tests.act_as_owner();
update public.company_info set business_hours = jsonb_set(business_hours, '{holidays}', '["2026-03-06"]') where company_id = tests.northgate();
select tests.act_as('the line');
select tests.equal('not on a holiday', public.free_slots(pg_temp.id('stranger'), 'friday') #>> '{slots,0,date}', '2026-03-07');
select tests.refused('nor can one be booked', $$select public.book_visit(pg_temp.id('flats'), 'h', 'a repair', 'friday', '10:00', true)$$, 'FL053');
select tests.equal('a customer''s preferred hours come first', public.free_slots(pg_temp.id('bank'), '2026-03-10') #>> '{slots,0,time}', '08:00');

-- A visit
select tests.refused('is read back first', $$select public.book_visit(pg_temp.id('flats'), 'b', 'The lobby camera is dark.', '2026-03-10', '10:00')$$, 'FL110');
select tests.equal('then booked', public.book_visit(pg_temp.id('flats'), 'b', 'The lobby camera is dark.', '2026-03-10', '10:00', true) #>> '{visit,scheduled_for}', '2026-03-10T14:00:00Z');
select tests.equal('once for one request', public.book_visit(pg_temp.id('flats'), 'b', 'The lobby camera is dark.', '2026-03-10', '10:00', true) -> 'repeated', 'false'::jsonb);
select tests.equal('once for the same words', public.book_visit(pg_temp.id('flats'), 'c', 'the lobby camera', '2026-03-10', '10:00', true) -> 'repeated', 'true'::jsonb);
select tests.equal('and moved', public.move_visit(pg_temp.id('flats'), 'm', '2026-03-11', 'afternoon', '2026-03-10', true) #>> '{visit,scheduled_for}', '2026-03-11T16:00:00Z');
select tests.equal('and cancelled', public.cancel_visit(pg_temp.id('flats'), 'k', 'we sold it', '2026-03-11', true) #>> '{visit,state}', 'cancelled');
select tests.equal('which is said again', public.cancel_visit(pg_temp.id('flats'), 'l', 'we sold it', '2026-03-11', true) -> 'already', 'true'::jsonb);
select tests.act_as_owner();
select tests.equal('by the agent, with the customer''s reason', (
  select array_agg(h.changed_by_type || ' ' || h.new_value) from public.work_order_history h join public.work_orders w on w.id = h.work_order_id
  where w.created_by_type = 'agent' and h.field_changed = 'cancel_reason'), array['agent The customer, by telephone: we sold it']);

-- A visit that has begun
insert into public.travel_logs (company_id, work_order_id, technician_id)
select w.company_id, w.id, w.assigned_technician_id from public.work_orders w where w.company_id = tests.northgate() and w.number = 1057;
select tests.act_as('the line');
select tests.equal('is seen to be on the way', public.my_visits(pg_temp.id('flats')) #>> '{visits,0,state}', 'on_the_way');
select tests.refused('and not turned round', $$select public.cancel_visit(pg_temp.id('flats'), 'n', 'no', 'today', true)$$, 'FL107');
select tests.done();
rollback;
