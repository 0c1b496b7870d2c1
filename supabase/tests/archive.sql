-- Completed orders over a year old move to the archive with what hangs on them; nothing else does, and nothing is lost.
begin;
select tests.plan(17);
select tests.clock('2026-03-04 14:00Z');
-- An order long done, with a follow-up, and parts used and told about; and one that was never done.
insert into public.work_orders (company_id, number, customer_id, title, brief_description, status, assigned_technician_id, scheduled_for, ends_at, started_at, completed_at, created_at)
select company_id, 501, customer_id, title, brief_description, 'completed', assigned_technician_id,
  '2024-11-05 14:00Z', '2024-11-05 16:00Z', '2024-11-05 14:00Z', '2024-11-05 15:30Z', '2024-11-01 14:00Z' from public.work_orders where number = 1065 and company_id = tests.northgate();
insert into public.work_orders (company_id, number, customer_id, title, brief_description, status, assigned_technician_id, scheduled_for, ends_at, created_at)
select company_id, 502, customer_id, title, brief_description, 'scheduled', assigned_technician_id, '2024-11-05 14:00Z', '2024-11-05 16:00Z', '2024-11-01 14:00Z'
from public.work_orders where number = 501;
create function pg_temp.old() returns bigint language sql as $$
  select coalesce((select id from public.work_orders where number = 501), (select id from public.work_orders_archive where number = 501)) $$;
update public.work_orders set follow_up_of = pg_temp.old() where number = 502;
update public.work_orders set title = 'Old repair' where number = 501;
insert into public.work_order_notes (company_id, work_order_id, note_text) select company_id, id, 'Key at the desk' from public.work_orders where number = 501;
insert into public.travel_logs (company_id, work_order_id, technician_id, travel_start_time, travel_end_time)
select company_id, id, assigned_technician_id, '2024-11-05 13:30Z', '2024-11-05 14:00Z' from public.work_orders where number = 501;
insert into public.customer_history (company_id, customer_id, work_order_id, notes, created_by_type)
select company_id, customer_id, id, 'Repaired.', 'system' from public.work_orders where number = 501;
select public._notify_office(company_id, 'system', 'Look at this', id) from public.work_orders where number = 501;
select public._move_stock(k, i, -1, 'used', pg_temp.old()) from public.trucks k, public.inventory_items i
where k.number = 201 and k.company_id = tests.northgate() and i.name = 'PoE Switch';

select tests.act_as('Otto');
select tests.equal('another company''s admin archives only his own', public.archive_orders() -> 'archived', '0'::jsonb);
select tests.act_as('Dora');
select tests.refused('a dispatcher does not archive', 'select public.archive_orders()', 'FL073');
select tests.act_as('Ana');
select tests.equal('an admin does', public.archive_orders() -> 'archived', '1'::jsonb);
select tests.equal('a second time there is nothing to do', public.archive_orders() -> 'archived', '0'::jsonb);
select tests.equal('nobody can ask for last week''s', public.archive_orders('infinity') -> 'archived', '0'::jsonb);
select tests.equal('the order is in the archive', (select title::text from public.work_orders_archive where number = 501), 'Old repair');
select tests.equal('and no longer among the orders', (select count(*) from public.work_orders where number = 501), 0::bigint);
select tests.equal('its notes went with it', (select note_text from public.work_order_notes_archive where work_order_id = pg_temp.old()), 'Key at the desk');
select tests.equal('its travel too', (select count(*) from public.travel_logs_archive where work_order_id = pg_temp.old()), 1::bigint);
select tests.equal('and its changes', (select count(*) from public.work_order_history_archive where work_order_id = pg_temp.old() and field_changed = 'title'), 1::bigint);
select tests.equal('the customer''s history stays', (select work_order_id from public.customer_history where notes = 'Repaired.'), null::bigint);
select tests.equal('so does the ledger', (select count(*) from public.stock_movements m where m.change = -1 and m.work_order_id is null), 1::bigint);
select tests.equal('and the notification', (select count(*) from public.notifications n where n.message = 'Look at this' and n.work_order_id is null), 1::bigint);
select tests.equal('an old order that was not completed stays, without its source', (select follow_up_of from public.work_orders where number = 502), null::bigint);
select tests.equal('this week''s are all there', (select count(*) from public.work_orders), 121::bigint);
select tests.act_as('Otto');
select tests.equal('another company sees none of the archive', (select count(*) from public.work_orders_archive), 0::bigint);
select tests.act_as_service();
select tests.equal('the secret key archives for all', public.archive_orders() -> 'archived', '0'::jsonb);
select tests.done();
rollback;
