-- Demo data: Northgate Security (dialled at +12025550100) and a second company, Harbor Heating (+12025550190), so that
-- isolation can be tried. All dates are relative to the clock (fieldline_now), in each company's own zone.
--
-- One statement, so it loads wholly or not at all; loading it again changes nothing; a database with a real company in it
-- is left alone, because these PINs are printed in the documentation.
--
-- Fixed, because demos, docs and tests name them:
--   badge, PIN and phone: Mike 101, 2010, +12025550101; Sarah 102, 2020, +12025550102; David 103, 2030, +12025550103;
--   Alex 104, 2040, +12025550104; office from +12025550110; customers from +12025550120; Harbor's Dana 101, 7391, +12025550191
--   work orders 1001-1056 lie in the past week, 1057-1064 today (Mike's are 1057 and 1058), 1065-1120 in the next week
--   Sarah (truck 202) and David (truck 203) are at work on their first order; Mike and Alex have not clocked in

do $seed$
declare
  demo constant uuid := 'f1e1d000-0000-4000-8000-000000000001';
  second constant uuid := 'f1e1d000-0000-4000-8000-000000000002';
  weekdays constant jsonb := '{"mon": [["07:00","16:00"]], "tue": [["07:00","16:00"]], "wed": [["07:00","16:00"]],
    "thu": [["07:00","16:00"]], "fri": [["07:00","16:00"]]}';
  whole_week constant jsonb := weekdays || '{"sat": [["07:00","13:00"]], "sun": [["07:00","13:00"]], "holidays": []}';
  zone constant text := 'America/New_York';
  moment constant timestamptz := public.fieldline_now();
  today constant date := (moment at time zone zone)::date;
begin
  if exists (select from public.companies c where c.id in (demo, second)) then
    return;
  elsif exists (select from public.companies) then
    raise notice 'This database holds a real company: the demo data stays out.';
    return;
  end if;

  -- Two companies, their hours and numbers
  insert into public.companies (id, name) values (demo, 'Northgate Security'), (second, 'Harbor Heating');
  insert into public.company_info (company_id, company_name, greeting_message, timezone, business_hours, settings) values
    (demo, 'Northgate Security', 'Northgate Security, this is the automated assistant.', zone, whole_week,
      '{"languages": ["en"], "fallback_number": "+12025550110", "office_emails": ["office@northgate.example"],
        "address": "1200 Industrial Road, Washington",
        "services": ["security cameras", "access control", "alarm systems", "yearly maintenance"],
        "facts": {"parking": "Visitors park behind the building, in the spaces marked Northgate.",
          "quotes": "A quote is free, and somebody from sales comes to look within two working days.",
          "payment": "You can pay by card or bank transfer; the details are on the invoice."}}'),
    (second, 'Harbor Heating', 'Harbor Heating, you are talking to our automated assistant.', 'America/Chicago',
      weekdays || '{"holidays": []}', '{"languages": ["en"]}');
  insert into public.phone_numbers (company_id, number) values (demo, '+12025550100'), (second, '+12025550190');

  -- Departments and the office
  insert into public.departments (company_id, name, description, available_hours, routing_priority) values
    (demo, 'Dispatch', 'Schedules visits and helps technicians on the road.', null, 10),
    (demo, 'Support', 'Helps customers whose system is not working.', null, 20),
    (demo, 'Sales', 'New systems, quotes and upgrades.', weekdays, 30),
    (demo, 'Billing', 'Invoices and payments.', weekdays, 40),
    (second, 'Office', 'Everything.', null, 10);
  insert into public.employees (company_id, name, phone, email, department_id, office, roles, status, availability_hours, routing_priority)
  select d.company_id, p.name, p.phone, p.email, d.id, p.office, p.roles, p.status, p.hours, p.priority
  from (values
    (demo, 'Dispatch', 'Karen Miller', '+12025550110', 'karen@northgate.example', 'Washington', array['dispatch', 'scheduling'], 'available', null::jsonb, 10),
    (demo, 'Dispatch', 'Tom Baker', '+12025550111', 'tom@northgate.example', 'Washington', array['dispatch'], 'available', null, 20),
    (demo, 'Support', 'Nina Patel', '+12025550112', 'nina@northgate.example', 'Washington', array['support', 'cameras'], 'available', null, 10),
    (demo, 'Sales', 'Robert Hayes', '+12025550113', 'robert@northgate.example', 'Baltimore', array['sales', 'quotes'], 'busy', null, 10),
    (demo, 'Billing', 'Linda Torres', '+12025550114', 'linda@northgate.example', 'Baltimore', array['billing', 'payments'], 'available',
      '{"mon": [["08:00","12:00"]], "tue": [["08:00","12:00"]], "wed": [["08:00","12:00"]], "thu": [["08:00","12:00"]]}', 10),
    (second, 'Office', 'Grace Kim', '+12025550192', 'grace@harbor.example', 'Chicago', array['dispatch', 'billing'], 'available', null, 10)
  ) p (company, department, name, phone, email, office, roles, status, hours, priority)
  join public.departments d on d.company_id = p.company and d.name = p.department;

  -- Technicians and their PINs
  insert into public.technicians (company_id, badge, name, phone) values
    (demo, '101', 'Mike Johnson', '+12025550101'),
    (demo, '102', 'Sarah Williams', '+12025550102'),
    (demo, '103', 'David Chen', '+12025550103'),
    (demo, '104', 'Alex Rodriguez', '+12025550104'),
    (second, '101', 'Dana Brooks', '+12025550191');
  perform public._store_pin(t, p.pin)
  from (values (demo, '101', '2010'), (demo, '102', '2020'), (demo, '103', '2030'), (demo, '104', '2040'), (second, '101', '7391'))
    p (company, badge, pin)
  join public.technicians t on t.company_id = p.company and t.badge = p.badge;

  -- Trucks: the office truck comes first, so on a fresh database its id is 1
  insert into public.trucks (company_id, number, name, is_office_truck) values (demo, 1, 'Office Truck', true);
  insert into public.trucks (company_id, number, name) select demo, n, 'Truck ' || n from generate_series(201, 204) n;
  insert into public.trucks (company_id, number, name, is_office_truck) values
    (second, 1, 'Office Truck', true), (second, 201, 'Truck 201', false);

  -- The seventeen parts; the last is ours, the source names sixteen
  insert into public.inventory_items (company_id, name, description, category, unit, standard_quantity)
  select demo, i.name, i.description, i.category, i.unit,
    case i.category when 'cameras' then 5 when 'cables' then 500 when 'connectors' then 100 when 'tools' then 2 else 10 end
  from (values
    ('IP Dome Camera', 'Indoor dome, 4 megapixels, power over ethernet', 'cameras', 'units'),
    ('Bullet Camera', 'Outdoor bullet, infrared', 'cameras', 'units'),
    ('Analog Camera', 'Coax camera for older systems', 'cameras', 'units'),
    ('PTZ Camera', 'Pan, tilt and zoom', 'cameras', 'units'),
    ('Cat6 Cable', 'Network cable', 'cables', 'feet'),
    ('RG59 Siamese Cable', 'Coax and power in one jacket', 'cables', 'feet'),
    ('Shielded Cat6 Cable', 'Network cable for runs beside power lines', 'cables', 'feet'),
    ('RJ45 Connector', 'Network plug', 'connectors', 'units'),
    ('BNC Connector', 'Coax plug', 'connectors', 'units'),
    ('Crimper', 'Crimping tool for network and coax plugs', 'tools', 'units'),
    ('Cable Tester', 'Finds opens, shorts and crossed pairs', 'tools', 'units'),
    ('Fish Tape', 'Pulls cable through walls', 'tools', 'units'),
    ('Drill Kit', 'Hammer drill with bits', 'tools', 'units'),
    ('12V Power Supply', 'For analog cameras', 'power supplies', 'units'),
    ('PoE Injector', 'Power over ethernet for one camera', 'power supplies', 'units'),
    ('PoE Switch', 'Eight ports with power', 'power supplies', 'units'),
    ('24V Power Supply', 'For door strikes and PTZ cameras', 'power supplies', 'units')
  ) i (name, description, category, unit);
  insert into public.inventory_items (company_id, name, category, unit, standard_quantity) values
    (second, 'Flame Sensor', 'parts', 'units', 10), (second, 'Thermostat', 'parts', 'units', 5), (second, 'Thermostat Wire', 'parts', 'feet', 250);
  insert into public.item_aliases (company_id, item_id, alias)
  select i.company_id, i.id, a.alias
  from (values
    (demo, 'IP Dome Camera', 'dome camera'), (demo, 'IP Dome Camera', 'dome'), (demo, 'Bullet Camera', 'bullet'),
    (demo, 'Analog Camera', 'analogue camera'), (demo, 'PTZ Camera', 'pan tilt zoom camera'), (demo, 'PTZ Camera', 'p t z'),
    (demo, 'Cat6 Cable', 'cat six'), (demo, 'Cat6 Cable', 'network cable'), (demo, 'Cat6 Cable', 'ethernet cable'),
    (demo, 'RG59 Siamese Cable', 'siamese'), (demo, 'RG59 Siamese Cable', 'coax'), (demo, 'RG59 Siamese Cable', 'r g fifty nine'),
    (demo, 'Shielded Cat6 Cable', 'shielded cat six'), (demo, 'Shielded Cat6 Cable', 'shielded cable'),
    (demo, 'RJ45 Connector', 'r j forty five'), (demo, 'RJ45 Connector', 'network plug'), (demo, 'BNC Connector', 'b n c'),
    (demo, 'Crimper', 'crimping tool'), (demo, 'Cable Tester', 'tester'), (demo, 'Drill Kit', 'drill'),
    (demo, '12V Power Supply', 'twelve volt'), (demo, '24V Power Supply', 'twenty four volt'),
    (demo, 'PoE Injector', 'injector'), (demo, 'PoE Switch', 'switch')
  ) a (company, item, alias)
  join public.inventory_items i on i.company_id = a.company and i.name = a.item;
  perform public._move_stock(t, i, i.standard_quantity, 'restocked')
  from public.trucks t
  join public.inventory_items i on i.company_id = t.company_id
  where not t.is_office_truck
  order by t.id, i.id;

  -- Customers: seven old ones; Apartment Complex is new, and Mike's first visit today
  insert into public.customers (company_id, name, address, phone, email, is_new_customer, preferred_schedule_start, preferred_schedule_end) values
    (demo, 'City Bank', '100 Main Street, Washington', '+12025550120', 'facilities@citybank.example', false, '08:00', '12:00'),
    (demo, 'Retail Mall Corp', '2500 Commerce Drive, Arlington', '+12025550121', 'security@retailmall.example', false, '08:00', '10:00'),
    (demo, 'School District', '40 Academy Road, Silver Spring', '+12025550122', 'works@schools.example', false, '13:00', '16:00'),
    (demo, 'Local Restaurant', '18 Market Street, Alexandria', '+12025550123', null, false, '08:00', '11:00'),
    (demo, 'Office Complex', '700 Corporate Way, Bethesda', '+12025550124', 'manager@officecomplex.example', false, null, null),
    (demo, 'Gas Station Chain', '3300 Highway One, Laurel', '+12025550125', null, false, null, null),
    (demo, 'Medical Center', '90 Hospital Drive, Rockville', '+12025550126', 'plant@medical.example', false, '08:00', '14:00'),
    (demo, 'Apartment Complex', '1200 River Road, Takoma Park', '+12025550127', null, true, null, null),
    (second, 'Lake View School', '5 Lake Street, Evanston', '+12025550195', null, false, null, null),
    (second, 'Corner Bakery', '77 Oak Avenue, Chicago', '+12025550196', null, true, null, null);

  -- 120 orders: fifteen days, four technicians, two each, inside working hours and in the order in which they are numbered
  with seed_orders as (
    select
      row_number() over (order by s.day, t.id, s.slot) + 1000 as number, s.day, s.slot, t.id as technician_id,
      ((s.day + case
          when extract(isodow from s.day) >= 6 then case s.slot when 1 then time '08:00' else time '10:30' end
          else case s.slot when 1 then time '08:00' else time '13:00' end
            + (row_number() over (partition by s.day, s.slot order by t.id) - 1) % 3 * interval '30 minutes'
        end) at time zone zone) as starts,
      row_number() over (order by s.day, t.id, s.slot) as n
    from (select today + d as day, slot from generate_series(-7, 7) d, generate_series(1, 2) slot) s
    cross join public.technicians t
    where t.company_id = demo
  )
  insert into public.work_orders (company_id, number, customer_id, title, brief_description, full_summary, order_type, status,
    assigned_technician_id, created_by_type, created_by_id, scheduled_for, ends_at, started_at, completed_at, completion_summary, cancel_reason, created_at)
  select demo, o.number, c.id, k.title, k.brief, k.story, k.order_type,
    case
      when o.day > today then 'scheduled'
      when o.day < today then case when o.number in (1016, 1043) then 'cancelled' else 'completed' end
      when o.slot = 1 and t.badge in ('102', '103') then 'in_progress'
      else 'pending'
    end,
    o.technician_id, 'employee', (select e.id::text from public.employees e where e.company_id = demo and e.name = 'Karen Miller'),
    o.starts, o.starts + interval '2 hours',
    case
      when o.day < today and o.number not in (1016, 1043) then o.starts
      when o.day = today and o.slot = 1 and t.badge in ('102', '103') then least(o.starts, moment - interval '30 minutes')
    end,
    case when o.day < today and o.number not in (1016, 1043) then o.starts + interval '90 minutes' end,
    case when o.day < today and o.number not in (1016, 1043) then k.done end,
    case when o.number in (1016, 1043) then 'The customer asked for another week.' end,
    least(o.starts, moment) - interval '5 days'
  from seed_orders o
  join public.technicians t on t.company_id = demo and t.id = o.technician_id
  join (values
    (0, 'new_installation', 'New camera installation', 'Mount and connect new cameras at the entrance.',
      'Two dome cameras at the entrance and one bullet camera over the parking lot. The recorder stands in the back office. Label every cable.',
      'Cameras mounted, connected and recording.'),
    (1, 'system_upgrade', 'Recorder upgrade', 'Replace the recorder and move the old recordings.',
      'The old recorder is full. Put in the new one, copy the last thirty days, and show the manager how to search by time.',
      'New recorder in place, old recordings copied.'),
    (2, 'maintenance', 'Camera maintenance', 'Clean lenses, check power and recordings.',
      'Yearly visit. Clean all lenses, check every power supply, play back one recording of each camera, tighten the outside mounts.',
      'All cameras cleaned and checked.'),
    (3, 'repair', 'Camera repair', 'One camera has no picture.',
      'The picture comes and goes. Check the connector first, then the cable run above the ceiling. Replace the camera if both are good.',
      'Replaced a corroded connector, picture is back.')
  ) k (kind, order_type, title, brief, story, done) on k.kind = (o.n + o.n / 8) % 4
  join (select x.id, x.name, row_number() over (order by x.id) - 1 as place from public.customers x where x.company_id = demo) c
    on c.place = case when o.number = 1057 then 7 when o.day <= today then (o.n + o.n / 7) % 7 else (o.n + o.n / 8) % 8 end;

  -- What the past week left behind: travel from 30 minutes before, notes, history, clock records
  insert into public.travel_logs (company_id, work_order_id, technician_id, travel_start_time, travel_end_time, created_at)
  select w.company_id, w.id, w.assigned_technician_id, w.started_at - interval '30 minutes', w.started_at, w.started_at - interval '30 minutes'
  from public.work_orders w where w.company_id = demo and w.started_at is not null;
  insert into public.work_order_notes (company_id, work_order_id, technician_id, note_text, alert_office, created_at)
  select w.company_id, w.id, w.assigned_technician_id,
    case w.number % 3 when 0 then 'The key is at the front desk, ask for the building manager.'
      when 1 then 'The ladder in the storage room is broken, bring your own.' else 'Customer asked for a quote for two more cameras.' end,
    w.number % 3 = 1, w.started_at + interval '1 hour'
  from public.work_orders w where w.company_id = demo and w.status = 'completed' and w.number % 4 = 0;
  insert into public.customer_history (company_id, customer_id, work_order_id, notes, created_by_type, created_by_id, created_at)
  select w.company_id, w.customer_id, w.id, w.completion_summary, 'technician', w.assigned_technician_id::text, w.completed_at
  from public.work_orders w where w.company_id = demo and w.status = 'completed';
  insert into public.technician_clock_records (company_id, technician_id, truck_id, clock_in_time, clock_out_time, created_at)
  select demo, t.id, k.id, (d.day + time '07:00') at time zone zone,
    (d.day + case when extract(isodow from d.day) >= 6 then time '13:00' else time '16:00' end) at time zone zone,
    (d.day + time '07:00') at time zone zone
  from public.technicians t
  join public.trucks k on k.company_id = demo and k.number = 100 + t.badge::bigint
  cross join (select today + n as day from generate_series(-7, -1) n) d
  where t.company_id = demo;

  -- Today: Sarah and David are at work, whatever the hour at which this is loaded
  insert into public.technician_clock_records (company_id, technician_id, truck_id, clock_in_time, created_at)
  select demo, t.id, k.id, x.since, x.since
  from public.technicians t
  join public.trucks k on k.company_id = demo and k.number = 100 + t.badge::bigint
  cross join (select least((today + time '07:00') at time zone zone, moment - interval '90 minutes') as since) x
  where t.company_id = demo and t.badge in ('102', '103');

  -- What waits to be read out
  insert into public.manual_notifications (company_id, technician_id, work_order_id, message, priority, created_by_type, created_by_id, created_at)
  select demo, t.id, w.id, m.message, m.priority, 'employee', e.id::text, moment - interval '2 hours'
  from (values
    ('101', 1057, 'The manager at Apartment Complex will meet you at the side gate.', 'high'),
    ('101', null, 'Please bring the spare drill kit back to the shop on Friday.', 'normal'),
    ('102', null, 'Your new badge is at the front desk.', 'normal')
  ) m (badge, number, message, priority)
  join public.technicians t on t.company_id = demo and t.badge = m.badge
  join public.employees e on e.company_id = demo and e.name = 'Karen Miller'
  left join public.work_orders w on w.company_id = demo and w.number = m.number;

  -- The second company: the same badge, truck and order numbers, other people
  insert into public.work_orders (company_id, number, customer_id, title, brief_description, order_type, status, assigned_technician_id, scheduled_for, ends_at)
  select second, 1000 + o.n, c.id, o.title, o.brief, o.order_type, o.status, t.id, s.starts, s.starts + interval '2 hours'
  from (values
    (1, 'Lake View School', 'Boiler check', 'Yearly check of the boiler.', 'maintenance', 'pending', 0, '09:00'),
    (2, 'Corner Bakery', 'Thermostat repair', 'The thermostat shows nothing.', 'repair', 'pending', 0, '13:00'),
    (3, 'Lake View School', 'New thermostat', 'Put in two thermostats.', 'new_installation', 'scheduled', 1, '09:00'),
    (4, 'Corner Bakery', 'Furnace upgrade', 'Replace the furnace.', 'system_upgrade', 'scheduled', 2, '09:00')
  ) o (n, customer, title, brief, order_type, status, days, at)
  join public.customers c on c.company_id = second and c.name = o.customer
  join public.technicians t on t.company_id = second
  cross join lateral (
    select ((moment at time zone 'America/Chicago')::date + o.days + o.at::time) at time zone 'America/Chicago' as starts) s;
end $seed$;
