-- The demo data is what the documentation, the demo and other tests say it is, and loading it again changes nothing.
begin;
select tests.plan(27);

create view pg_temp.orders as
  select w.*, t.badge, (w.scheduled_for at time zone 'America/New_York') as local, (w.ends_at at time zone 'America/New_York') as local_end,
    (w.scheduled_for at time zone 'America/New_York')::date
      - (select min((x.scheduled_for at time zone 'America/New_York')::date) + 7 from public.work_orders x where x.company_id = tests.northgate()) as day
  from public.work_orders w join public.technicians t on t.id = w.assigned_technician_id
  where w.company_id = tests.northgate();

select tests.equal('120 orders: 56 in the past week, 8 today, 56 in the next', (select array_agg(n order by part) from (
  select sign(day) as part, count(*) as n from pg_temp.orders group by 1) x), array[56, 8, 56]::bigint[]);
select tests.equal('two per technician and day', (select count(*) from (select badge, day from pg_temp.orders group by 1, 2 having count(*) = 2) x), 60::bigint);
select tests.equal('none overlaps another of the same technician', (select count(*) from pg_temp.orders a join pg_temp.orders b
  on b.badge = a.badge and b.id > a.id and tstzrange(a.scheduled_for, a.ends_at) && tstzrange(b.scheduled_for, b.ends_at)), 0::bigint);
select tests.equal('all between eight and four, on weekends one', (select count(*) from pg_temp.orders
  where local::time < '08:00' or local_end::time > case when extract(isodow from local) >= 6 then time '13:00' else time '16:00' end), 0::bigint);
select tests.equal('the past is mostly completed', (select count(*) from pg_temp.orders where day < 0 and status = 'completed'), 54::bigint);
select tests.equal('today is in progress or pending', (select array_agg(distinct status::text order by status::text) from pg_temp.orders where day = 0), array['in_progress', 'pending']);
select tests.equal('the next week is scheduled', (select array_agg(distinct status::text) from pg_temp.orders where day > 0), array['scheduled']);
select tests.equal('Mike''s day is 1057 and 1058', (select array_agg(number order by local) from pg_temp.orders where day = 0 and badge = '101'), array[1057, 1058]::bigint[]);
select tests.equal('numbers go with the days', (select count(*) from pg_temp.orders a join pg_temp.orders b on a.day < b.day and a.number > b.number), 0::bigint);
select tests.equal('all four kinds of order', (select count(distinct order_type) from pg_temp.orders), 4::bigint);
select tests.equal('travel from thirty minutes before', (select count(*) from public.travel_logs l join pg_temp.orders w on w.id = l.work_order_id
  where l.travel_start_time = l.travel_end_time - interval '30 minutes' and l.travel_end_time = w.started_at), 56::bigint);
select tests.equal('the office truck is truck 1, and has the id 1', (select id from public.trucks where company_id = tests.northgate() and is_office_truck and number = 1), 1::bigint);
select tests.equal('four service trucks', (select array_agg(number order by number) from public.trucks where company_id = tests.northgate() and not is_office_truck), array[201, 202, 203, 204]::bigint[]);
select tests.equal('seventeen parts', (select count(*) from public.inventory_items where company_id = tests.northgate()), 17::bigint);
select tests.equal('at the standard quantities', (select array_agg(x.q order by x.q) from (select category || ' ' || standard_quantity || ' ' || unit as q
  from public.inventory_items where company_id = tests.northgate() group by 1) x),
  array['cables 500 feet', 'cameras 5 units', 'connectors 100 units', 'power supplies 10 units', 'tools 2 units']);
select tests.equal('on every service truck, by the ledger', (select count(*) from public.truck_inventory s
  join public.inventory_items i on i.id = s.item_id and s.quantity = i.standard_quantity
  join public.stock_movements m on m.truck_id = s.truck_id and m.item_id = s.item_id and m.change = s.quantity where s.company_id = tests.northgate()), 68::bigint);
select tests.equal('badges, names and telephones', (select array_agg(badge || ' ' || name || ' ' || phone order by badge) from public.technicians where company_id = tests.northgate()),
  array['101 Mike Johnson +12025550101', '102 Sarah Williams +12025550102', '103 David Chen +12025550103', '104 Alex Rodriguez +12025550104']);
select tests.equal('PINs', (select count(*) from public.technician_pins p join public.technicians t on t.id = p.technician_id
  where extensions.crypt((array['2010', '2020', '2030', '2040'])[t.badge::integer - 100], p.pin_hash) = p.pin_hash and t.company_id = tests.northgate()), 4::bigint);
select tests.equal('customers in their order', (select array_agg(name || ' ' || phone order by phone) from public.customers where company_id = tests.northgate()),
  array['City Bank +12025550120', 'Retail Mall Corp +12025550121', 'School District +12025550122', 'Local Restaurant +12025550123',
    'Office Complex +12025550124', 'Gas Station Chain +12025550125', 'Medical Center +12025550126', 'Apartment Complex +12025550127']);
select tests.equal('Mike''s first customer today is the new one', (select c.name from pg_temp.orders o join public.customers c on c.id = o.customer_id
  where o.number = 1057 and c.is_new_customer), 'Apartment Complex');
select tests.equal('no completed order belongs to a new customer', (select count(*) from pg_temp.orders o join public.customers c on c.id = o.customer_id
  where c.is_new_customer and o.status = 'completed'), 0::bigint);
select tests.equal('the office from +12025550110', (select min(phone) from public.employees where company_id = tests.northgate()), '+12025550110');
select tests.equal('Sarah and David are at work, one order each', (select array_agg(t.badge || ' ' || k.number || ' ' || o.number order by t.badge)
  from public.technician_clock_records r join public.technicians t on t.id = r.technician_id join public.trucks k on k.id = r.truck_id
  join pg_temp.orders o on o.badge = t.badge and o.status = 'in_progress'
  where r.clock_out_time is null and r.company_id = tests.northgate()), array['102 202 1059', '103 203 1061']);
select tests.equal('everybody worked the past week', (select count(*) from public.technician_clock_records where company_id = tests.northgate() and clock_out_time is not null), 28::bigint);
select tests.equal('nothing lies in the future of its own clock', (select count(*) from public.technician_clock_records where clock_in_time > public.fieldline_now())
  + (select count(*) from public.work_orders where created_at > public.fieldline_now()), 0::bigint);
select tests.equal('the numbers that are dialled', (select array_agg(number || ' ' || c.name order by number) from public.phone_numbers n join public.companies c on c.id = n.company_id),
  array['+12025550100 Northgate Security', '+12025550190 Harbor Heating']);
select tests.equal('Harbor has a badge 101 and a truck 201 of its own', (select array_agg(t.badge || ' ' || k.number || ' ' || t.phone) from public.technicians t
  join public.trucks k on k.company_id = t.company_id and not k.is_office_truck where t.company_id = tests.harbor()), array['101 201 +12025550191']);
select tests.done();
rollback;
