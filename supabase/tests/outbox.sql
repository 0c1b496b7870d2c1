-- The outbox: what makes a delivery, for whom and when; who may claim and settle; what a message then says of itself.
begin;
select tests.plan(53);
select tests.clock('2026-03-04 09:00 America/New_York');

create function pg_temp.employee(name text) returns uuid language sql stable as $$
  select e.id from public.employees e where e.company_id = tests.northgate() and e.name = employee.name $$;
-- Leaves a message as the owner; its id.
create function pg_temp.leave(who text, urgent boolean default false, department text default null) returns uuid
language sql as $$
  insert into public.messages (company_id, from_caller, caller_number, to_employee_id, to_department_id, message_text, urgent)
  values (tests.northgate(), 'Jane Doe', '+12025550155', pg_temp.employee(who),
    (select d.id from public.departments d where d.company_id = tests.northgate() and d.name = leave.department), 'The gate is open.', leave.urgent)
  returning id $$;
create function pg_temp.ways(message uuid) returns text language sql volatile as $$
  select string_agg(d.channel || ' ' || d.address, ', ' order by d.channel) from public.deliveries d where d.message_id = ways.message $$;
create function pg_temp.due(message uuid) returns text language sql volatile as $$
  select string_agg(distinct to_char(d.next_attempt_at at time zone 'America/New_York', 'Dy HH24:MI'), ', ')
  from public.deliveries d where d.message_id = due.message $$;

-- Whom, by which way, and when
select tests.act_as_owner();
create temporary table m (name text, id uuid);
insert into m values ('plain', pg_temp.leave('Karen Miller'));
select tests.equal('a message goes by every chosen way', pg_temp.ways((select id from m)), 'email karen@northgate.example, sms +12025550110');
select tests.equal('inside hours at once', pg_temp.due((select id from m)), 'Wed 09:00');
select tests.holds('it tells from whom, how to reach them, and what',
  (select bool_and(d.body ~ 'Message for Karen Miller, taken Wed 04 Mar 09:00' and d.body ~ 'Jane Doe, \+12025550155' and d.body ~ 'The gate is open')
   from public.deliveries d));
select tests.equal('a mail has a subject, an SMS has none',
  (select string_agg(coalesce(d.subject, '-'), ', ' order by d.channel) from public.deliveries d), 'Message from Jane Doe, -');

update public.employees set message_channels = '{email}' where name = 'Karen Miller';
select tests.equal('only by the way that was chosen', pg_temp.ways(pg_temp.leave('Karen Miller')), 'email karen@northgate.example');
update public.employees set email = null where name = 'Karen Miller';
select tests.equal('by what there is where that has no address', pg_temp.ways(pg_temp.leave('Karen Miller')), 'sms +12025550110');
update public.employees set active = false where name = 'Karen Miller';
select tests.equal('for somebody who left, to the office', pg_temp.ways(pg_temp.leave('Karen Miller')), 'email office@northgate.example');
select tests.equal('for nobody, to the office', pg_temp.ways(pg_temp.leave(null)), 'email office@northgate.example');
select tests.equal('for a department, to its first who is there', pg_temp.ways(pg_temp.leave(null, false, 'Dispatch')),
  'email tom@northgate.example, sms +12025550111');
update public.employees set status = 'away' where name = 'Linda Torres';
select tests.equal('to somebody away where nobody else is', pg_temp.ways(pg_temp.leave(null, false, 'Billing')),
  'email linda@northgate.example, sms +12025550114');

select tests.clock('2026-03-04 13:00 America/New_York');
select tests.equal('after their hours it waits for them', pg_temp.due(pg_temp.leave('Linda Torres')), 'Thu 08:00');
select tests.equal('unless it is urgent', pg_temp.due(pg_temp.leave('Linda Torres', true)), 'Wed 13:00');
select tests.equal('to a busy person it goes at once', pg_temp.due(pg_temp.leave('Robert Hayes')), 'Wed 13:00');
update public.employees set availability_hours = '{}' where name = 'Linda Torres';
select tests.equal('hours that never open keep nothing', pg_temp.due(pg_temp.leave('Linda Torres')), 'Wed 13:00');
select tests.clock('2026-03-07 20:00 America/New_York');
select tests.equal('for the office it waits for the company', pg_temp.due(pg_temp.leave(null)), 'Sun 07:00');

update public.company_info set settings = settings - 'office_emails' where company_id = tests.northgate();
select pg_temp.leave(null);
select tests.equal('a message that nobody gets is told in the console',
  (select count(*) from public.notifications n where n.notification_type = 'system' and n.message ~ 'nobody to go to'), 1::bigint);
update public.company_info set settings = settings || '{"office_emails": ["office@northgate.example"], "office_numbers": ["+12025550110"]}'
  where company_id = tests.northgate();

-- Notices
delete from public.deliveries;
select public._notify_office(tests.northgate(), 'lockout', 'Five wrong PINs.', null, 'high');
select tests.equal('a lockout goes to every address of the office',
  (select string_agg(d.channel, ' ' order by d.channel) from public.deliveries d where d.next_attempt_at <= public.fieldline_now()), 'email sms');
select public._notify_office(tests.northgate(), 'low_stock', 'Few cameras.');
select tests.equal('low stock waits for the morning',
  (select count(*) from public.deliveries d where d.next_attempt_at > public.fieldline_now()), 2::bigint);
select public._notify_office(tests.northgate(), 'status_change', 'Order done.'), public._notify_office(tests.northgate(), 'system', 'Something.');
select tests.equal('what only the console shows does not leave the house', (select count(*) from public.deliveries), 4::bigint);
select public._notify_office(tests.harbor(), 'lockout', 'Elsewhere.');
select tests.equal('a company without addresses gets nothing, and nobody else does', (select count(*) from public.deliveries), 4::bigint);

delete from public.deliveries;
select tests.act_as('Dora');
insert into public.manual_notifications (company_id, technician_id, message, priority)
select tests.northgate(), t.id, 'Gas smell at 1057, stay out.', p.priority
from public.technicians t, (values ('urgent'), ('high')) p (priority) where t.badge = '101' and t.company_id = tests.northgate();
select tests.equal('an urgent word from a dispatcher goes to the technician''s phone, others do not',
  (select string_agg(d.channel || ' ' || d.address, ', ') from public.deliveries d), 'sms +12025550101');

-- Who may look and touch
select tests.act_as('Otto');
select tests.equal('the other company sees none of it', (select count(*) from public.deliveries), 0::bigint);
select tests.act_as('Ana');
select tests.refused('an admin writes no deliveries', $$update public.deliveries set state = 'sent'$$, '42501');
select tests.refused('nor claims them', $$select public.claim_deliveries('x')$$, 'FL001');
select tests.refused('nor settles', $$select public.settle_delivery(1, 'x', 'sent')$$, 'FL001');
select tests.refused('nor reports', $$select public.report_delivery(1, 'x', 'sent')$$, 'FL001');
select tests.act_as('the line');
select tests.equal('the line itself sees no row', (select count(*) from public.deliveries), 0::bigint);

-- Claiming and settling
select tests.act_as_owner();
delete from public.deliveries;
update public.employees set active = true, email = 'karen@northgate.example', message_channels = '{sms,email}' where name = 'Karen Miller';
create temporary table one as select pg_temp.leave('Karen Miller', true) as message;
create temporary table d as select d.channel, d.id from public.deliveries d;
grant select on d, one to authenticated;
create function pg_temp.d(channel text) returns bigint language sql stable as $$ select d.id from d where d.channel = $1 $$;
create function pg_temp.state(channel text) returns text language sql stable security definer as $$
  select x.state from public.deliveries x where x.id = (select d.id from d where d.channel = $1) $$;
create function pg_temp.message() returns text language sql stable security definer as $$
  select x.status || ' ' || x.delivered_via::text from public.messages x, one where x.id = one.message $$;
select tests.act_as('the line');
create function pg_temp.claimed(worker text) returns integer language sql volatile as $$
  select jsonb_array_length(public.claim_deliveries(claimed.worker) -> 'deliveries') $$;
select tests.equal('one worker gets both', pg_temp.claimed('w1'), 2);
select tests.equal('another gets neither', pg_temp.claimed('w2'), 0);
select tests.equal('who has not claimed it cannot fail it', public.settle_delivery(pg_temp.d('sms'), 'w2', 'refused') ->> 'state', 'sending');
select tests.refused('an outcome has a name that is known', format($$select public.settle_delivery(%s, 'w1', 'lost')$$, pg_temp.d('sms')), '22023');
select tests.equal('a failure is tried again', public.settle_delivery(pg_temp.d('sms'), 'w1', 'retry', null, 'Twilio 503') ->> 'state', 'queued');
select tests.equal('but not at once', pg_temp.claimed('w1'), 0);
select tests.equal('the message is still pending', pg_temp.message(), 'pending {}');
select tests.equal('a success is sent', public.settle_delivery(pg_temp.d('email'), 'w1', 'sent', '<a@b>') ->> 'state', 'sent');
select tests.equal('and stays so, whatever comes again', public.settle_delivery(pg_temp.d('email'), 'w1', 'retry') ->> 'state', 'sent');
select tests.equal('the message says by which way it went', pg_temp.message(), 'delivered {email}');

select tests.later('31 seconds');
select tests.equal('half a minute later it is due', pg_temp.claimed('w1'), 1);
select tests.later('3 minutes');
select tests.equal('a lease that has run out lets another have it', pg_temp.claimed('w2'), 1);
select tests.equal('the first may still say that it went', public.settle_delivery(pg_temp.d('sms'), 'w1', 'sent', 'SM1') ->> 'state', 'sent');
select tests.equal('and then it is not to be failed', public.settle_delivery(pg_temp.d('sms'), 'w2', 'refused') ->> 'state', 'sent');
select tests.equal('the message went both ways', pg_temp.message(), 'delivered {email,sms}');
select tests.equal('a report about another try is not believed', public.report_delivery(pg_temp.d('sms'), 'SM0', 'refused') ->> 'state', 'sent');
select tests.equal('the carrier''s own report is', public.report_delivery(pg_temp.d('sms'), 'SM1', 'delivered') ->> 'state', 'delivered');
select tests.equal('and is not taken back by a late one', public.report_delivery(pg_temp.d('sms'), 'SM1', 'sent') ->> 'state', 'delivered');

-- For good
select tests.act_as_owner();
update public.deliveries d set state = 'queued', attempts = 29, next_attempt_at = public.fieldline_now() where d.id in (select id from d);
select tests.act_as('the line');
select pg_temp.claimed('w3');
select public.settle_delivery(pg_temp.d('sms'), 'w3', 'retry', null, 'still down'), public.settle_delivery(pg_temp.d('email'), 'w3', 'refused', null, 'no such mailbox');
select tests.equal('after thirty tries, or when refused, it has failed, and the message with it',
  pg_temp.state('sms') || ' ' || pg_temp.state('email') || ' ' || pg_temp.message(), 'failed failed failed {}');
select tests.act_as('Dora');
select public.retry_delivery(pg_temp.d('sms'));
select tests.equal('a dispatcher has it tried again', pg_temp.state('sms') || ' ' || pg_temp.message(), 'queued pending {}');
select tests.refused('not twice', format('select public.retry_delivery(%s)', pg_temp.d('sms')), 'FL078');
select tests.act_as('Otto');
select tests.refused('nor by another company', format('select public.retry_delivery(%s)', pg_temp.d('email')), 'FL073');
select tests.act_as('Vera');
select tests.refused('nor by a viewer', format('select public.retry_delivery(%s)', pg_temp.d('email')), 'FL073');

-- A notice that does not go out
select tests.act_as_owner();
delete from public.deliveries;
delete from public.notifications;
select public._notify_office(tests.northgate(), 'lockout', 'Five wrong PINs.', null, 'high');
truncate d;
insert into d select x.channel, x.id from public.deliveries x;
create function pg_temp.told() returns text language sql stable security definer as $$
  select string_agg(n.message || ' ' || n.priority, ', ') from public.notifications n where n.notification_type = 'system' $$;
select tests.act_as('the line');
select pg_temp.claimed('w4');
select public.settle_delivery(pg_temp.d('email'), 'w4', 'retry', null, 'mail server down');
select tests.equal('while a notice is tried again nothing is said', pg_temp.told(), null);
select public.settle_delivery(pg_temp.d('sms'), 'w4', 'refused', null, 'Twilio 30034');
select tests.equal('one that is refused is told to the office in the console', pg_temp.told(),
  'An SMS to +12025550110 could not be delivered (Twilio 30034): Five wrong PINs.' || E'\n' || '— Northgate Security high');
select tests.act_as_owner();
select tests.equal('which is not written to the address that takes nothing',
  (select count(*) from public.deliveries x join public.notifications n on n.id = x.notification_id where n.notification_type = 'system'), 0::bigint);
select tests.done();
rollback;
