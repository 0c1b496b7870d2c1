-- A company is added by the secret key, safely repeated, and its first admin comes in by a link that works once.
begin;
select tests.plan(17);
select tests.clock('2026-03-04 14:00Z');

create function pg_temp.add(token text, number text default '+13125550100') returns jsonb language sql as $$
  select public.add_company('Lakeside Alarms', number, 'America/Chicago', 'Boss@Lakeside.example',
    encode(extensions.digest(token, 'sha256'), 'hex'), '{"mon": [["08:00","17:00"]]}', 'Lakeside Alarms, the automated assistant.') $$;

select tests.act_as('Ana');
select tests.refused('an admin of a company adds no other', $$select pg_temp.add('token-a')$$, '42501');
select tests.act_as_service();
select tests.equal('the secret key does', pg_temp.add('token-a') - 'company_id', '{"created": true, "invited": true}'::jsonb);
select tests.equal('again: the same company, a new link', pg_temp.add('token-b') - 'company_id', '{"created": false, "invited": true}'::jsonb);
select tests.equal('there is one', (select count(*) from public.companies where name = 'Lakeside Alarms'), 1::bigint);
select tests.refused('a number must be one', $$select pg_temp.add('token-c', '555-0100')$$, '23514');
select tests.equal('a call to it reaches it', public.call_open('call-x', '', '+13125550100') #>> '{company,name}', 'Lakeside Alarms')
from (select tests.act_as('the line')) as_line;

select tests.act_as('Sam');
select tests.refused('the replaced link is void', $$select public.accept_invitation('token-a')$$, 'FL075');
select tests.refused('a guess is void', $$select public.accept_invitation('')$$, 'FL075');
select tests.equal('the link makes Sam an admin', public.accept_invitation('token-b') ->> 'role', 'admin');
select tests.equal('of that company and no other', (select array_agg(name) from public.companies), array['Lakeside Alarms']);
select tests.act_as('Otto');
select tests.refused('it works once', $$select public.accept_invitation('token-b')$$, 'FL075');
select tests.act_as_service();
select tests.equal('a company that has an admin is given no more links', pg_temp.add('token-d') - 'company_id', '{"created": false, "invited": false}'::jsonb);

select tests.equal('a second company', pg_temp.add('token-e', '+13125550101') - 'company_id', '{"created": true, "invited": true}'::jsonb);
select tests.later('7 days');
select tests.act_as('Sam');
select tests.refused('a link is void after a week', $$select public.accept_invitation('token-e')$$, 'FL075');

-- One telephone, one person
select tests.act_as('Ana');
select tests.refused('an employee cannot have Mike''s telephone', $$insert into public.employees (company_id, name, phone) values (tests.northgate(), 'Second Mike', '+12025550101')$$, 'FL072');
select tests.touches('somebody with a telephone of their own is welcome',
  $$insert into public.employees (company_id, name, phone) values (tests.northgate(), 'Mike Johnson', '+12025550177')$$, 1);
update public.technicians set employee_id = (select id from public.employees where phone = '+12025550177') where name = 'Mike Johnson';
select tests.touches('and where the technician is that employee, both may have one', $$update public.employees set phone = '+12025550101' where name = 'Mike Johnson'$$, 1);
select tests.done();
rollback;
