-- Companies do not see each other, roles do not exceed themselves, and the line's account opens nothing but the line.
begin;
select tests.plan(53);

-- The other company
select tests.act_as('Otto');
select tests.equal('Otto sees one company', (select array_agg(name) from public.companies), array['Harbor Heating']);
select tests.equal('Otto sees none of Northgate''s orders', (select count(*) from public.work_orders where company_id = tests.northgate()), 0::bigint);
select tests.equal('Otto sees his own orders', (select count(*) from public.work_orders), 4::bigint);
select tests.equal('Otto sees none of Northgate''s people',
  (select count(*) from public.employees where company_id = tests.northgate()) + (select count(*) from public.technicians where company_id = tests.northgate()), 0::bigint);
select tests.equal('Otto sees none of Northgate''s members', (select count(*) from public.memberships where company_id = tests.northgate()), 0::bigint);
select tests.touches('Otto cannot rename Northgate', $$update public.companies set name = 'Mine' where id = tests.northgate()$$, 0);
select tests.touches('Otto cannot change Northgate''s greeting', $$update public.company_info set greeting_message = 'Mine' where company_id = tests.northgate()$$, 0);
select tests.touches('Otto cannot remove Northgate''s members', $$delete from public.memberships where company_id = tests.northgate()$$, 0);
select tests.refused('Otto cannot make himself admin of Northgate',
  $$insert into public.memberships (company_id, user_id, role) values (tests.northgate(), tests.id_of('Otto'), 'admin')$$, '42501');
select tests.refused('Otto cannot put a department into Northgate',
  $$insert into public.departments (company_id, name) values (tests.northgate(), 'Mine')$$, '42501');
select tests.refused('Otto cannot move his department into Northgate',
  $$update public.departments set company_id = tests.northgate()$$, '42501');
select tests.refused('Otto cannot give Mike a PIN',
  $$select public.set_pin((select 1), '4812')$$, 'FL073');
select tests.refused('Otto gets no one-time code for Mike', $$select public.issue_one_time_code(1)$$, 'FL073');
select tests.refused('Otto cannot ask whether Northgate''s people are there',
  format($$select public.is_reachable('company', %L)$$, tests.northgate()), 'FL071');

-- No role at all
select tests.act_as('Sam');
select tests.equal('Sam, a member of nothing, sees no company', (select count(*) from public.companies), 0::bigint);
select tests.equal('Sam sees no order, no call, no transcript',
  (select count(*) from public.work_orders) + (select count(*) from public.call_logs) + (select count(*) from public.voice_agent_interactions), 0::bigint);
select tests.refused('Sam cannot join a company by himself',
  $$insert into public.memberships (company_id, user_id, role) values (tests.northgate(), tests.id_of('Sam'), 'viewer')$$, '42501');
select tests.refused('Sam cannot add a company', $$select public.add_company('X', '+12025550199', 'UTC', 'x@x.example', repeat('0', 64), '{}', 'Hi')$$, '42501');
select tests.refused('Sam cannot unlock numbers', $$select public.unlock_number('+12025550101')$$, 'FL073');

-- A role that is too small
select tests.act_as('Vera');
select tests.holds('Vera, a viewer, reads orders', (select count(*) = 120 from public.work_orders));
select tests.touches('Vera changes no greeting', $$update public.company_info set greeting_message = 'Hi'$$, 0);
select tests.touches('Vera changes no employee', $$update public.employees set status = 'away'$$, 0);
select tests.touches('Vera removes no employee', $$delete from public.employees$$, 0);
select tests.refused('Vera adds no employee', $$insert into public.employees (company_id, name) values (tests.northgate(), 'Friend')$$, '42501');
select tests.touches('Vera cannot make herself admin', $$update public.memberships set role = 'admin'$$, 0);
select tests.refused('Vera sets no PIN', $$select public.set_pin(1, '4812')$$, 'FL073');
select tests.equal('Vera does not see who tried which badge', (select count(*) from public.pin_attempts), 0::bigint);
select tests.refused('Vera cannot archive', $$select public.archive_orders()$$, 'FL073');
select tests.act_as('Dora');
select tests.touches('Dora, a dispatcher, marks a colleague away', $$update public.employees set status = 'away' where name = 'Nina Patel'$$, 1);
select tests.touches('Dora changes no hours of the company', $$update public.company_info set business_hours = '{}'$$, 0);
select tests.touches('Dora cannot make herself admin', $$update public.memberships set role = 'admin' where user_id = tests.id_of('Dora')$$, 0);
select tests.act_as('Ana');
select tests.touches('Ana, an admin, changes the greeting', $$update public.company_info set greeting_message = 'Good day.'$$, 1);
select tests.refused('Ana cannot remove the last admin, herself',
  $$delete from public.memberships where user_id = tests.id_of('Ana'); set constraints all immediate$$, 'FL070');
select tests.refused('Ana cannot demote herself either',
  $$update public.memberships set role = 'viewer' where user_id = tests.id_of('Ana'); set constraints all immediate$$, 'FL070');
select tests.touches('Ana says that she is Karen', $$update public.memberships set employee_id = (select id from public.employees where name = 'Karen Miller')
  where user_id = tests.id_of('Ana')$$, 1);
insert into public.customer_history (company_id, customer_id, notes) select company_id, id, 'Rang twice.' from public.customers where name = 'City Bank';
select tests.equal('and what she writes is signed so', (select e.name::text from public.customer_history h join public.employees e on e.id::text = h.created_by_id
  where h.notes = 'Rang twice.' and h.created_by_type = 'employee'), 'Karen Miller');
select tests.refused('Ana cannot make the line a colleague',
  $$insert into public.memberships (company_id, user_id, role) values (tests.northgate(), tests.id_of('the line'), 'admin')$$, 'FL076');

-- Secrets, for nobody
select tests.refused('Ana reads no PIN', 'select * from public.technician_pins', '42501');
select tests.refused('Ana reads no one-time code', 'select * from public.one_time_codes', '42501');
select tests.refused('Ana reads no invitation', 'select * from public.invitations', '42501');
select tests.act_as_service();
select tests.refused('the secret key reads no PIN either', 'select * from public.technician_pins', '42501');
select tests.refused('nor a one-time code', 'select * from public.one_time_codes', '42501');
select tests.refused('nor may it call a database local', $$update public.deployment set environment = 'local'$$, '42501');

-- anon
select tests.act_as_anon();
select tests.refused('anon reads no company', 'select * from public.companies', '42501');
select tests.refused('anon calls no line function', $$select public.call_open('r', '', '+12025550100')$$, '42501');
select tests.refused('anon cannot even read the clock', 'select public.fieldline_now()', '42501');

-- The line's account: functions only
select tests.act_as('the line');
select tests.refused('the line reads no table', 'select * from public.workers', '42501');
select tests.equal('the line sees no call through a policy', (select count(*) from public.call_logs), 0::bigint);
select tests.refused('the line accepts no invitation', $$select public.accept_invitation('x')$$, 'FL073');
select tests.refused('the line sets no PIN', $$select public.set_pin(1, '4812')$$, 'FL073');
select tests.refused('the line cannot speak for somebody else', $$select public._act_as('employee', 'x')$$, '42501');
select tests.refused('the line cannot lend itself an identity', $$select public._line_call(gen_random_uuid())$$, '42501');

-- Rows of different companies cannot point at each other, whoever writes
select tests.act_as_owner();
select tests.refused('an employee cannot be in another company''s department',
  $$insert into public.employees (company_id, name, department_id)
    select tests.harbor(), 'Mixed', d.id from public.departments d where d.company_id = tests.northgate() limit 1$$, '23503');
select tests.done();
rollback;
