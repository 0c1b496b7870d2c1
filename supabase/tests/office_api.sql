-- What the admin API leans on: keys of repeated requests, the audit log, invitations, stock, schedules, imports.
begin;
select tests.plan(54);
select tests.clock('2026-03-04 14:00Z');

-- A repeated request
select tests.act_as('Dora');
select tests.equal('a key is taken by the first', public.begin_request('k', repeat('a', 64)) ->> 'state', 'yours');
select tests.equal('the second waits', public.begin_request('k', repeat('a', 64)) ->> 'state', 'running');
select tests.equal('another request may not have it', public.begin_request('k', repeat('b', 64)) ->> 'state', 'another');
select public.end_request('k', 201, '{"etag": "x"}', '{"id": 1}');
select tests.equal('and then the answer is given again', public.begin_request('k', repeat('a', 64)),
  '{"state": "done", "status": 201, "headers": {"etag": "x"}, "body": {"id": 1}}'::jsonb);
select public.forget_request('k');
select tests.equal('a key that has its answer is not given back', public.begin_request('k', repeat('a', 64)) ->> 'state', 'done');
select tests.act_as('Vera');
select tests.equal('keys are each person''s own', public.begin_request('k', repeat('c', 64)) ->> 'state', 'yours');
select public.forget_request('k');
select tests.equal('a key that was given back can be taken again', public.begin_request('k', repeat('d', 64)) ->> 'state', 'yours');
select tests.refused('nobody reads the keys', 'select * from public.request_keys', '42501');
select tests.act_as_owner();
select tests.later(interval '2 minutes');
select tests.act_as('Vera');
select tests.equal('a request may take minutes', public.begin_request('k', repeat('d', 64)) ->> 'state', 'running');
select public.lose_request('k');
select tests.equal('one that ended without knowing whether it wrote keeps its key', public.begin_request('k', repeat('d', 64)) ->> 'state', 'lost');
select public.forget_request('k');
select tests.equal('a key that was given back is free', public.begin_request('k', repeat('e', 64)) ->> 'state', 'yours');
select tests.act_as_owner();
select tests.later(interval '6 minutes');
select tests.act_as('Vera');
select tests.equal('a request that never ended may have written', public.begin_request('k', repeat('e', 64)) ->> 'state', 'lost');
select public.lose_request('k');
select tests.act_as('Dora');
select tests.equal('an answer that is kept is not lost', public.begin_request('k', repeat('a', 64)) ->> 'state', 'done');
select tests.act_as_owner();
select tests.later(interval '25 hours');
select tests.act_as('Dora');
select tests.equal('a day later the key is free', public.begin_request('k', repeat('f', 64)) ->> 'state', 'yours');
select tests.act_as_anon();
select tests.refused('anon takes no key', $$select public.begin_request('k', repeat('a', 64))$$, '42501');

-- The audit log
select tests.act_as('Dora');
update public.employees set status = 'away' where name = 'Nina Patel';
update public.employees set status = 'away' where name = 'Nina Patel';
select tests.equal('Dora reads no audit log', (select count(*) from public.audit_log), 0::bigint);
select tests.refused('nor writes one', $$insert into public.audit_log (company_id, user_id, who, verb, entity, entity_id)
  values (tests.northgate(), tests.id_of('Dora'), 'x', 'update', 'x', '1')$$, '42501');
select public.set_pin((select id from public.technicians where badge = '104' and company_id = tests.northgate()), '4812');
select tests.act_as('Ana');
select tests.equal('what changed is kept, once, with before and after',
  (select jsonb_agg(jsonb_build_array(a.who, a.verb, a.before, a.after)) from public.audit_log a where a.entity = 'employees'),
  '[["dora@people.example", "update", {"status": "available"}, {"status": "away"}]]'::jsonb);
select tests.equal('a PIN is told of, and not kept',
  (select (a.before || a.after)::text !~ 'hash' from public.audit_log a where a.entity = 'technician_pins'), true);
select tests.refused('Ana changes no audit log', $$update public.audit_log set who = 'Somebody else'$$, '42501');
select tests.refused('nor removes from it', $$delete from public.audit_log$$, '42501');
insert into public.departments (company_id, name) values (tests.northgate(), 'Night desk');
delete from public.departments where name = 'Night desk';
select tests.equal('what was added and removed is kept whole',
  (select array_agg(a.verb || ' ' || (coalesce(a.after, a.before) ->> 'name') order by a.id) from public.audit_log a where a.entity = 'departments'),
  array['insert Night desk', 'delete Night desk']);
select tests.act_as('Otto');
select tests.equal('Otto reads nothing of Northgate''s audit log', (select count(*) from public.audit_log where company_id = tests.northgate()), 0::bigint);
select tests.call('+12025550101', '101', '2010');
select tests.act_as_owner();
select tests.equal('what callers do is not in it', (select count(*) from public.audit_log a where a.user_id = tests.id_of('the line')), 0::bigint);

-- Members and invitations
select tests.act_as('Vera');
select tests.equal('members see members', (select array_agg(m.email order by m.email) from public.company_members(tests.northgate()) m
  where m.email like '%@people.example'), array['ana@people.example', 'dora@people.example', 'vera@people.example']);
select tests.equal('of their own company only', (select count(*) from public.company_members(tests.harbor())), 0::bigint);
select tests.refused('Vera invites nobody', $$select public.invite_member(tests.northgate(), 'x@x.example', 'admin', 'https://c')$$, 'FL073');
select tests.act_as('Dora');
select tests.refused('nor does Dora', $$select public.invite_member(tests.northgate(), 'x@x.example', 'admin', 'https://c')$$, 'FL073');
select tests.act_as('Otto');
select tests.refused('nor Otto into Northgate', $$select public.invite_member(tests.northgate(), 'x@x.example', 'admin', 'https://c')$$, 'FL073');
select tests.act_as('Ana');
select tests.holds('Ana does', (select public.invite_member(tests.northgate(), 'New@x.example', 'viewer', 'https://c') ->> 'email' = 'new@x.example'));
select tests.refused('but no member again', $$select public.invite_member(tests.northgate(), 'dora@people.example', 'admin', 'https://c')$$, 'FL077');
select tests.equal('and sees the invitation', (select array_agg(i.email::text) from public.invitations i), array['new@x.example']);
select tests.refused('not its hash', 'select token_hash from public.invitations', '42501');
select tests.equal('nor the mail with its link', (select count(*) from public.deliveries d where d.subject like 'Your invitation%'), 0::bigint);
select public.invite_member(tests.northgate(), 'new@x.example', 'dispatcher', 'https://c');
select tests.act_as_owner();
select tests.equal('a new invitation ends the last, and its mail', (select array_agg(d.state order by d.id) from public.deliveries d where d.invitation_id is not null),
  array['failed', 'queued']);
select tests.holds('a mail that goes no more has no link', (select body !~ '#' from public.deliveries d where d.invitation_id is not null and d.state = 'failed'));
create temporary table link as select substring(d.body from '#([0-9a-f]{64})') as token from public.deliveries d where d.invitation_id is not null and d.state = 'queued';
grant select on link to authenticated;
select tests.act_as('Sam');
select tests.equal('who holds the link joins', public.accept_invitation((select token from link)) ->> 'role', 'dispatcher');
select tests.refused('once', $$select public.accept_invitation((select token from link))$$, 'FL075');

-- Stock, schedules, messages
select tests.act_as('Vera');
select tests.refused('Vera moves no stock', $$select public.move_truck_stock(tests.northgate(), 2, 1, 5)$$, 'FL073');
select tests.act_as('Otto');
select tests.refused('nor Otto that of Northgate', $$select public.move_truck_stock(tests.northgate(), 2, 1, 5)$$, 'FL073');
select tests.act_as('Dora');
select tests.equal('Dora puts five on', (public.move_truck_stock(tests.northgate(), 2, 1, 5)).quantity_after, 10);
select tests.equal('and counts four', (public.move_truck_stock(tests.northgate(), 2, 1, null, 4)).change, -6);
select tests.refused('the office truck carries nothing', $$select public.move_truck_stock(tests.northgate(), 1, 1, 5)$$, 'FL016');
select tests.equal('an order gets its time', public.schedule_order((select id from public.work_orders where number = 1064), '2026-03-09 14:00Z') ->> 'status', 'scheduled');
select tests.refused('nor anew by who has not seen its newest version',
  $$select public.schedule_order((select id from public.work_orders where number = 1064), '2026-03-09 15:00Z', seen => '2026-01-01 00:00Z')$$, 'FL162');
select tests.refused('nor does it move for them',
  $$select public.set_order_status((select id from public.work_orders where number = 1064), 'cancelled', 'Rain', '2026-01-01 00:00Z')$$, 'FL162');
select tests.equal('who has seen it may', (select public.schedule_order(w.id, '2026-03-09 14:00Z', seen => w.updated_at) ->> 'status'
  from public.work_orders w where w.number = 1064), 'scheduled');
select tests.refused('one that is done does not', $$select public.schedule_order((select id from public.work_orders where number = 1001), '2026-03-09 14:00Z')$$, 'FL022');
select tests.act_as('Vera');
select tests.refused('and Vera gives none', $$select public.schedule_order((select id from public.work_orders where number = 1064), '2026-03-10 14:00Z')$$, 'FL020');
select tests.refused('Vera sends no message again', $$select public.resend_message(gen_random_uuid())$$, 'FL073');

-- Files
select tests.refused('Vera imports nobody', $$select public.import_employees(tests.northgate(), '[{"line": 2, "name": "X", "roles": [], "status": "away", "routing_priority": 1, "active": true}]')$$, '42501');
select tests.act_as('Otto');
select tests.refused('nor does Otto into Northgate', $$select public.import_departments(tests.northgate(), '[{"name": "X", "routing_priority": 1}]')$$, '42501');
select tests.act_as('Ana');
select tests.equal('a dry run says what is wrong', public.import_employees(tests.northgate(),
  '[{"line": 2, "name": "X", "department": "Moon", "phone": "+12025550101", "roles": [], "status": "away", "routing_priority": 1, "active": true}]', true) -> 'problems',
  '[{"line": 2, "field": "department", "detail": "there is no such department"}, {"line": 2, "field": "phone", "detail": "a technician has this number"}]'::jsonb);
select tests.equal('two lines for one person are a problem', public.import_employees(tests.northgate(),
  '[{"line": 2, "name": "Nina", "phone": "+12025550112", "roles": [], "status": "away", "routing_priority": 1, "active": true},
    {"line": 3, "name": "N. Patel", "email": "nina@northgate.example", "roles": [], "status": "away", "routing_priority": 1, "active": true}]') -> 'problems' -> 0 ->> 'line', '3');
select tests.done();
rollback;
