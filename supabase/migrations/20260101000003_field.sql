-- Field service: who works, in which truck, for whom, on what, with which parts.
--
-- People say these numbers on the telephone, so every field table has a small integer key of its own, and what is
-- spoken (`work_orders.number`, `trucks.number`, `technicians.badge`) is a column of its own, unique per company:
-- a caller never learns how many rows other companies have. Tenancy is in the keys: a foreign key between two
-- tenant tables carries `company_id`, so a row that points into another company cannot exist.
--
-- Three things have one writer each, because a rule that lives in two places is broken in one of them:
--   work_orders.status      `_move_order`; a trigger refuses every other update
--   truck_inventory         `_move_stock`, which writes the ledger in the same breath
--   history                 triggers, with the actor of `_actor`
--
-- Definer functions and why:
--   _move_order, _move_stock       called by line functions (definer) and by `set_order_status`; nobody has the grants they need
--   set_order_status               the office may move an order only through the transition table; checks the role itself
--   the trigger functions          write history, ledger and notifications that the acting user may only read

-- ---------------------------------------------------------------------------------------------------------------------
-- Trucks and people

create table public.trucks (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  number bigint not null check (number between 1 and 999999),
  name varchar(255) not null check (name <> ''),
  is_office_truck boolean not null default false,
  active boolean not null default true,
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  unique (company_id, number)
);
create unique index trucks_one_office_truck on public.trucks (company_id) where is_office_truck;

comment on table public.trucks is 'Service trucks, and the one office truck of each company, which carries no stock and takes nobody to work.';
comment on column public.trucks.number is 'What people say: truck 201.';

create table public.technicians (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  employee_id uuid unique,
  badge text not null check (badge ~ '^[0-9]{2,8}$'),
  name varchar(255) not null check (name <> ''),
  phone varchar(20) not null check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  active boolean not null default true,
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  unique (company_id, badge),
  foreign key (company_id, employee_id) references public.employees (company_id, id) on delete restrict
);
create index technicians_employee on public.technicians (company_id, employee_id);
create unique index technicians_phone on public.technicians (company_id, phone) where active;

comment on table public.technicians is 'Who may use the technician line. PINs are in a table that no client role can read.';
comment on column public.technicians.badge is 'The digits that a technician keys in to say who they are.';
comment on column public.technicians.phone is 'E.164; one active technician per number, so that a caller maps to one person.';

create table public.customers (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  name varchar(255) not null check (name <> ''),
  address text not null,
  phone varchar(20) not null,
  email varchar(255),
  is_new_customer boolean not null default true,
  preferred_schedule_start time,
  preferred_schedule_end time,
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  check (preferred_schedule_end > preferred_schedule_start),
  unique (company_id, id)
);
create index customers_phone on public.customers (company_id, phone);

comment on table public.customers is 'Where the work is.';
comment on column public.customers.is_new_customer is 'True until their first order is completed.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Work orders

create table public.work_orders (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  number bigint not null check (number >= 1),
  customer_id bigint not null,
  title varchar(255) not null check (title <> ''),
  brief_description varchar(500) not null,
  full_summary text,
  order_type text not null default 'maintenance'
    check (order_type in ('new_installation', 'system_upgrade', 'maintenance', 'repair')),
  status varchar(50) not null default 'pending'
    check (status in ('pending', 'scheduled', 'in_progress', 'completed', 'cancelled')),
  assigned_technician_id bigint,
  created_by_type text not null default 'system' check (created_by_type in ('technician', 'employee', 'agent', 'system')),
  created_by_id text,
  follow_up_of bigint,
  scheduled_for timestamptz,
  ends_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  completion_summary text,
  cancel_reason text,
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  unique (company_id, number),
  foreign key (company_id, customer_id) references public.customers (company_id, id) on delete restrict,
  foreign key (company_id, assigned_technician_id) references public.technicians (company_id, id) on delete restrict,
  foreign key (company_id, follow_up_of) references public.work_orders (company_id, id) on delete set null (follow_up_of),
  check (ends_at > scheduled_for),
  check (status <> 'scheduled' or scheduled_for is not null),
  check (status <> 'in_progress' or assigned_technician_id is not null),
  check (status <> 'completed' or completed_at is not null),
  check (status <> 'cancelled' or cancel_reason is not null)
);
create index idx_work_orders_technician on public.work_orders (company_id, assigned_technician_id, scheduled_for);
create index idx_work_orders_status on public.work_orders (company_id, status, scheduled_for);
create index idx_work_orders_customer on public.work_orders (company_id, customer_id, scheduled_for);
create index idx_work_orders_scheduled on public.work_orders (company_id, scheduled_for);
create index idx_work_orders_open on public.work_orders (company_id, assigned_technician_id, scheduled_for)
  where status in ('pending', 'scheduled', 'in_progress');
create index idx_work_orders_follow_up on public.work_orders (company_id, follow_up_of);

comment on table public.work_orders is 'One visit to one customer. The status moves only through _move_order.';
comment on column public.work_orders.number is 'What people say: work order 1042. Drawn per company when not given.';
comment on column public.work_orders.brief_description is 'Short enough to be spoken.';
comment on column public.work_orders.full_summary is 'The whole story, read out on request.';
comment on column public.work_orders.status is 'pending, scheduled, in_progress, completed, cancelled (ours: with its reason; who did it is in the history).';
comment on column public.work_orders.started_at is 'First arrival; minutes on site count from here.';
comment on column public.work_orders.completion_summary is 'What the technician said when completing it.';

create table public.work_order_counters (
  company_id uuid primary key references public.companies (id) on delete restrict,
  last_number bigint not null
);
comment on table public.work_order_counters is 'The last drawn work order number per company, so that archiving an order never frees its number.';

create table public.work_order_notes (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  work_order_id bigint not null,
  technician_id bigint,
  note_text text not null check (note_text <> ''),
  alert_office boolean not null default false,
  best_effort boolean not null default false,
  audio_path text,
  deleted_at timestamptz,
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete cascade,
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict
);
create index idx_work_order_notes_work_order on public.work_order_notes (company_id, work_order_id, created_at);
create index idx_work_order_notes_technician on public.work_order_notes (company_id, technician_id, created_at);

comment on table public.work_order_notes is 'What was noted on an order. The only table that cascades: a note has no meaning without its order.';
comment on column public.work_order_notes.technician_id is 'Null when the office wrote it.';
comment on column public.work_order_notes.best_effort is 'True when the words were recognised without a cloud: listen to audio_path before relying on them.';
comment on column public.work_order_notes.deleted_at is 'Struck by its author; the text is kept.';

create table public.work_order_history (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  work_order_id bigint not null,
  changed_by_type varchar(50) not null check (changed_by_type in ('technician', 'employee', 'agent', 'system')),
  changed_by_id text,
  field_changed varchar(100) not null,
  old_value text,
  new_value text,
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete restrict
);
create index idx_work_order_history_work_order on public.work_order_history (company_id, work_order_id, created_at);

comment on table public.work_order_history is 'One row per changed field of an order, with who changed it; written by trigger.';
comment on column public.work_order_history.changed_by_id is 'technicians.id or employees.id as text, by changed_by_type; null for agent and system.';

create table public.customer_history (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  customer_id bigint not null,
  work_order_id bigint,
  notes text not null,
  created_by_type varchar(50) not null check (created_by_type in ('technician', 'employee', 'agent', 'system')),
  created_by_id text,
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, customer_id) references public.customers (company_id, id) on delete restrict,
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete restrict
);
create index idx_customer_history_customer on public.customer_history (company_id, customer_id, created_at);
create index idx_customer_history_work_order on public.customer_history (company_id, work_order_id);

comment on table public.customer_history is 'What happened at a customer''s, in words: completions and remarks.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Parts and stock

create table public.inventory_items (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  name varchar(255) not null check (name <> ''),
  description text,
  category varchar(100),
  unit varchar(50) not null default 'units' check (unit in ('units', 'feet')),
  standard_quantity integer not null default 0 check (standard_quantity >= 0),
  low_quantity integer check (low_quantity >= 0),
  match_name text not null default '',
  created_at timestamptz not null default public.fieldline_now(),
  updated_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id)
);
create unique index inventory_items_name on public.inventory_items (company_id, lower(name));

comment on table public.inventory_items is 'The company''s parts.';
comment on column public.inventory_items.standard_quantity is 'What a truck carries when it is full.';
comment on column public.inventory_items.low_quantity is 'At or below this the office is told; null means a fifth of the standard quantity.';
comment on column public.inventory_items.match_name is 'The name as it sounds (_normalise_part); kept by trigger.';

create table public.item_aliases (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  item_id bigint not null,
  alias varchar(255) not null check (alias <> ''),
  match_alias text not null default '',
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  unique (company_id, item_id, alias),
  foreign key (company_id, item_id) references public.inventory_items (company_id, id) on delete cascade
);
create index item_aliases_match on public.item_aliases (company_id, match_alias);

comment on table public.item_aliases is 'Other names that people say for a part. One alias may stand for several parts: then the line asks.';
comment on column public.item_aliases.match_alias is 'The alias as it sounds (_normalise_part); kept by trigger.';

create table public.truck_inventory (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  truck_id bigint not null,
  item_id bigint not null,
  quantity integer not null check (quantity >= 0),
  last_updated timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  unique (company_id, truck_id, item_id),
  foreign key (company_id, truck_id) references public.trucks (company_id, id) on delete restrict,
  foreign key (company_id, item_id) references public.inventory_items (company_id, id) on delete restrict
);
-- In the order in which "who has …?" is answered.
create index truck_inventory_item on public.truck_inventory (company_id, item_id, quantity desc, truck_id);

comment on table public.truck_inventory is 'What each service truck carries; never the office truck.';

create table public.stock_movements (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  truck_id bigint not null,
  item_id bigint not null,
  change integer not null check (change <> 0),
  quantity_after integer not null check (quantity_after >= 0),
  reason text not null check (reason in ('used', 'taken', 'given', 'restocked', 'counted', 'undone')),
  work_order_id bigint,
  technician_id bigint,
  partner_id bigint,
  reverses_id bigint unique,
  created_by_type text not null check (created_by_type in ('technician', 'employee', 'agent', 'system')),
  created_by_id text,
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, truck_id) references public.trucks (company_id, id) on delete restrict,
  foreign key (company_id, item_id) references public.inventory_items (company_id, id) on delete restrict,
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete set null (work_order_id),
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict,
  foreign key (company_id, partner_id) references public.stock_movements (company_id, id) on delete restrict,
  foreign key (company_id, reverses_id) references public.stock_movements (company_id, id) on delete restrict,
  check ((reason = 'undone') = (reverses_id is not null))
);
create index stock_movements_truck on public.stock_movements (company_id, truck_id, item_id, created_at);
create index stock_movements_item on public.stock_movements (company_id, item_id);
create index stock_movements_work_order on public.stock_movements (company_id, work_order_id);
create index stock_movements_technician on public.stock_movements (company_id, technician_id, created_at);
create index stock_movements_partner on public.stock_movements (company_id, partner_id);
create index stock_movements_reverses on public.stock_movements (company_id, reverses_id);

comment on table public.stock_movements is 'The ledger of truck stock: every change, why, by whom and for which order. Rows are never changed.';
comment on column public.stock_movements.partner_id is 'For parts taken from another truck: the row that says where they came from.';
comment on column public.stock_movements.reverses_id is 'For an undone entry: the row that it takes back, at most once.';

-- ---------------------------------------------------------------------------------------------------------------------
-- The working day

create table public.technician_clock_records (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  technician_id bigint not null,
  truck_id bigint not null,
  clock_in_time timestamptz not null default public.fieldline_now(),
  clock_out_time timestamptz check (clock_out_time > clock_in_time),
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict,
  foreign key (company_id, truck_id) references public.trucks (company_id, id) on delete restrict
);
create unique index clock_one_open_per_technician on public.technician_clock_records (technician_id) where clock_out_time is null;
create unique index clock_one_open_per_truck on public.technician_clock_records (truck_id) where clock_out_time is null;
create index idx_technician_clock_records_date on public.technician_clock_records (company_id, clock_in_time);
create index technician_clock_records_technician on public.technician_clock_records (company_id, technician_id, clock_in_time);
create index technician_clock_records_truck on public.technician_clock_records (company_id, truck_id);

comment on table public.technician_clock_records is 'Who worked from when to when in which truck; at most one open record per technician and per truck.';

create table public.travel_logs (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  work_order_id bigint not null,
  technician_id bigint not null,
  travel_start_time timestamptz not null default public.fieldline_now(),
  travel_end_time timestamptz check (travel_end_time >= travel_start_time),
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete restrict,
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict
);
create unique index travel_one_open_per_technician on public.travel_logs (technician_id) where travel_end_time is null;
create index travel_logs_work_order on public.travel_logs (company_id, work_order_id);
create index travel_logs_technician on public.travel_logs (company_id, technician_id, travel_start_time);

comment on table public.travel_logs is 'Drives to an order; at most one open per technician.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Rules that hold whoever writes

create function public._draw_order_number() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.number is null then
    -- The counter's row is the queue: two orders at once draw two numbers. Given numbers (imports) are skipped over.
    insert into public.work_order_counters as c (company_id, last_number)
    select new.company_id, coalesce(max(w.number), 1000) + 1 from public.work_orders w where w.company_id = new.company_id
    on conflict (company_id) do update set last_number = greatest(c.last_number + 1, excluded.last_number)
    returning c.last_number into new.number;
  end if;
  return new;
end $$;
comment on function public._draw_order_number() is 'Gives an order without a number the next one of its company.';
create trigger work_orders_number before insert on public.work_orders
  for each row execute function public._draw_order_number();

create function public._guard_order_status() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if coalesce(current_setting('fieldline.moving_order', true), '') <> old.id::text then
    raise exception 'work_orders.status is written by _move_order only'
      using errcode = '42501', hint = 'Use set_order_status(order_id, status, reason).';
  end if;
  return new;
end $$;
comment on function public._guard_order_status() is 'Refuses to change the status of an order outside _move_order.';
create trigger work_orders_status_guard before update of status on public.work_orders
  for each row when (new.status is distinct from old.status) execute function public._guard_order_status();

create function public._no_stock_on_office_truck() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (select from public.trucks t where t.id = new.truck_id and t.is_office_truck) then
    raise exception 'the office truck carries no stock' using errcode = '23514';
  end if;
  return new;
end $$;
comment on function public._no_stock_on_office_truck() is 'Keeps the office truck out of the inventory.';
create trigger truck_inventory_no_office_truck before insert or update of truck_id on public.truck_inventory
  for each row execute function public._no_stock_on_office_truck();

create function public._office_truck_is_empty() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (select from public.truck_inventory s where s.company_id = new.company_id and s.truck_id = new.id) then
    raise exception 'a truck with stock cannot become the office truck' using errcode = '23514';
  end if;
  return new;
end $$;
comment on function public._office_truck_is_empty() is 'The same rule from the other side: a truck that carries stock cannot become the office truck.';
create trigger trucks_office_is_empty before update of is_office_truck on public.trucks
  for each row when (new.is_office_truck and not old.is_office_truck) execute function public._office_truck_is_empty();

create function public._check_actor() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  actor_type text := to_jsonb(new) ->> (tg_argv[0] || '_type');
  actor_id text := to_jsonb(new) ->> (tg_argv[0] || '_id');
  known boolean := true;
begin
  if actor_id is not null then
    known := case actor_type
      when 'technician' then exists (
        select from public.technicians t where t.company_id = new.company_id and t.id::text = actor_id)
      when 'employee' then exists (
        select from public.employees e where e.company_id = new.company_id and e.id::text = actor_id)
        or exists (select from public.memberships m where m.company_id = new.company_id and m.user_id::text = actor_id)
      else true
    end;
  end if;
  if not known then
    raise exception '%: no such % in this company', tg_argv[0], actor_type using errcode = '23503';
  end if;
  return new;
end $$;
comment on function public._check_actor() is 'An actor''s id has no foreign key, because it points at technicians or employees: this checks it instead.';
create trigger work_orders_actor before insert on public.work_orders
  for each row when (new.created_by_id is not null) execute function public._check_actor('created_by');
create trigger work_order_history_actor before insert on public.work_order_history
  for each row when (new.changed_by_id is not null) execute function public._check_actor('changed_by');
create trigger customer_history_actor before insert on public.customer_history
  for each row when (new.created_by_id is not null) execute function public._check_actor('created_by');
create trigger stock_movements_actor before insert on public.stock_movements
  for each row when (new.created_by_id is not null) execute function public._check_actor('created_by');

create function public._sign_row() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  who public.actor := public._actor(new.company_id);
begin
  new.created_by_type := who.type;
  new.created_by_id := who.id;
  return new;
end $$;
comment on function public._sign_row() is 'Signs what an office user writes with their own name, whatever the request says.';
create trigger a_work_orders_sign before insert on public.work_orders
  for each row when (current_user = 'authenticated') execute function public._sign_row();
create trigger a_customer_history_sign before insert on public.customer_history
  for each row when (current_user = 'authenticated') execute function public._sign_row();

create function public._write_order_history() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  who public.actor := public._actor(new.company_id);
begin
  insert into public.work_order_history (company_id, work_order_id, changed_by_type, changed_by_id, field_changed, old_value, new_value)
  select new.company_id, new.id, who.type, who.id, now_.key, before_.value, now_.value
  from jsonb_each_text(to_jsonb(new)) as now_ (key, value)
  join jsonb_each_text(to_jsonb(old)) as before_ (key, value) using (key)
  where now_.key <> 'updated_at' and now_.value is distinct from before_.value;
  return null;
end $$;
comment on function public._write_order_history() is 'One history row per changed field, with the actor.';
create trigger work_orders_history after update on public.work_orders
  for each row execute function public._write_order_history();

create function public._sounds_like() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_table_name = 'inventory_items' then
    new.match_name := public._normalise_part(new.name);
  else
    new.match_alias := public._normalise_part(new.alias);
  end if;
  return new;
end $$;
comment on function public._sounds_like() is 'Keeps the spoken form of a part''s name or alias.';
create trigger inventory_items_sounds_like before insert or update of name, match_name on public.inventory_items
  for each row execute function public._sounds_like();
create trigger item_aliases_sounds_like before insert or update of alias, match_alias on public.item_aliases
  for each row execute function public._sounds_like();

create trigger technicians_touch before update on public.technicians for each row execute function public._touch_updated_at();
create trigger customers_touch before update on public.customers for each row execute function public._touch_updated_at();
create trigger work_orders_touch before update on public.work_orders for each row execute function public._touch_updated_at();
create trigger work_order_notes_touch before update on public.work_order_notes for each row execute function public._touch_updated_at();
create trigger inventory_items_touch before update on public.inventory_items for each row execute function public._touch_updated_at();

-- ---------------------------------------------------------------------------------------------------------------------
-- The one way to move an order

create function public._may_follow(status text, next_status text) returns boolean
language sql immutable set search_path = ''
as $$
  select coalesce(next_status = any (case status
    when 'pending' then array['scheduled', 'in_progress', 'cancelled']
    when 'scheduled' then array['pending', 'in_progress', 'cancelled']
    when 'in_progress' then array['scheduled', 'completed', 'cancelled']
    else array[]::text[]  -- completed and cancelled are ends
  end), false)
$$;
comment on function public._may_follow(text, text) is 'The transition table of work_orders.status.';

create function public._move_order(order_id bigint, next_status text, reason text default null) returns public.work_orders
language plpgsql security definer set search_path = ''
as $$
declare
  job public.work_orders;
begin
  select * into job from public.work_orders w where w.id = order_id for no key update;
  if not public._may_follow(job.status, next_status) then
    perform public._refuse('FL022', 'job_wrong_state', public._job_label(job) || jsonb_build_object('status', job.status),
      format('Work order %s is %s.', job.number, replace(job.status, '_', ' ')));
  end if;
  perform set_config('fieldline.moving_order', job.id::text, true);
  update public.work_orders w set
    status = next_status,
    started_at = case when next_status = 'in_progress' then coalesce(w.started_at, public.fieldline_now()) else w.started_at end,
    completed_at = case when next_status = 'completed' then public.fieldline_now() end,
    completion_summary = case when next_status = 'completed' then reason else w.completion_summary end,
    cancel_reason = case when next_status = 'cancelled' then coalesce(reason, 'no reason given') end
  where w.id = job.id
  returning * into job;
  perform set_config('fieldline.moving_order', '', true);
  if next_status = 'completed' then
    update public.customers c set is_new_customer = false
    where c.company_id = job.company_id and c.id = job.customer_id and c.is_new_customer;
  end if;
  if next_status in ('completed', 'cancelled') then
    perform public._notify_office(job.company_id, 'status_change', format('Work order %s (%s) is %s.', job.number, job.title, next_status), job.id);
  end if;
  return job;
end $$;
comment on function public._move_order(bigint, text, text) is
  'The only writer of work_orders.status. With completed comes the end of is_new_customer, with completed and cancelled a word to the office; the reason is the completion''s summary or why it was cancelled.';

create function public.set_order_status(order_id bigint, status text, reason text default null, seen timestamptz default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  job public.work_orders;
begin
  -- Another company's order answers like one that does not exist.
  if not exists (
    select from public.work_orders w
    where w.id = set_order_status.order_id and w.company_id in (select public.my_companies('dispatcher'))
  ) then
    perform public._refuse('FL020', 'job_unknown', '{}', 'There is no such work order.');
  end if;
  -- Locked until the order has moved: nobody can change it between this look and the move.
  if seen is not null and not exists (
    select from public.work_orders w where w.id = set_order_status.order_id and w.updated_at = seen for update
  ) then
    perform public._refuse('FL162', 'stale_version', '{}', 'Somebody else has changed it since you read it: read it again, then change it.');
  end if;
  job := public._move_order(order_id, set_order_status.status, public._clean_text(set_order_status.reason, 2000, set_order_status.status = 'cancelled'));
  return jsonb_build_object('number', job.number, 'status', job.status);
end $$;
comment on function public.set_order_status(bigint, text, text, timestamptz) is 'The office moves an order. Dispatchers and admins only; cancelling needs a reason. With seen, only in the version (updated_at) that they have seen.';

-- ---------------------------------------------------------------------------------------------------------------------
-- The one way to move stock

create function public._is_low(item public.inventory_items, quantity integer) returns boolean
language sql immutable set search_path = ''
as $$ select quantity <= coalesce(item.low_quantity, item.standard_quantity / 5) $$;
comment on function public._is_low(public.inventory_items, integer) is 'Low is at or below low_quantity, else at or below a fifth of what a full truck carries.';

create function public._move_stock(
  truck public.trucks, item public.inventory_items, change integer, reason text,
  order_id bigint default null, technician_id bigint default null, partner_id bigint default null, reverses_id bigint default null
) returns public.stock_movements
language plpgsql security definer set search_path = ''
as $$
declare
  who public.actor := public._actor(truck.company_id);
  quantity_after integer;
  movement public.stock_movements;
begin
  if change > 0 then
    insert into public.truck_inventory as s (company_id, truck_id, item_id, quantity)
    values (truck.company_id, truck.id, item.id, change)
    on conflict (company_id, truck_id, item_id) do update set quantity = s.quantity + excluded.quantity, last_updated = public.fieldline_now()
    returning s.quantity into quantity_after;
  else
    -- The condition is checked again on the newest row after waiting for its lock: two cannot use the last one.
    update public.truck_inventory s set quantity = s.quantity + change, last_updated = public.fieldline_now()
    where s.company_id = truck.company_id and s.truck_id = truck.id and s.item_id = item.id and s.quantity + change >= 0
    returning s.quantity into quantity_after;
  end if;
  if quantity_after is null then
    perform public._refuse_not_enough(truck, item, -change);
  end if;
  insert into public.stock_movements (company_id, truck_id, item_id, change, quantity_after, reason, work_order_id, technician_id,
    partner_id, reverses_id, created_by_type, created_by_id)
  values (truck.company_id, truck.id, item.id, change, quantity_after, reason, order_id, _move_stock.technician_id,
    _move_stock.partner_id, _move_stock.reverses_id, who.type, who.id)
  returning * into movement;
  return movement;
end $$;
comment on function public._move_stock(public.trucks, public.inventory_items, integer, text, bigint, bigint, bigint, bigint) is
  'The only writer of truck_inventory after it was loaded: quantity and ledger together, never below zero.';

create function public._refuse_not_enough(truck public.trucks, item public.inventory_items, wanted integer) returns void
language plpgsql set search_path = ''
as $$
declare
  have integer;
begin
  select s.quantity into have from public.truck_inventory s
  where s.company_id = truck.company_id and s.truck_id = truck.id and s.item_id = item.id;
  if coalesce(have, 0) = 0 then
    perform public._refuse('FL035', 'part_not_on_truck', jsonb_build_object('part', item.name, 'unit', item.unit, 'truck', truck.number),
      format('There is no %s on truck %s.', item.name, truck.number));
  end if;
  perform public._refuse('FL032', 'not_enough',
    jsonb_build_object('part', item.name, 'have', have, 'unit', item.unit, 'wanted', wanted, 'truck', truck.number),
    format('Truck %s has only %s of %s.', truck.number, have, item.name));
end $$;
comment on function public._refuse_not_enough(public.trucks, public.inventory_items, integer) is 'Says what is there instead: nothing at all, or too few.';

create function public._tell_low_stock() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  item public.inventory_items;
  truck public.trucks;
begin
  select * into item from public.inventory_items i where i.id = new.item_id;
  -- Once, when the mark is passed: not again with every further piece.
  if public._is_low(item, new.quantity) and not public._is_low(item, old.quantity) then
    select * into truck from public.trucks t where t.id = new.truck_id;
    perform public._notify_office(new.company_id, 'low_stock',
      format('Truck %s is low on %s: %s %s left.', truck.number, item.name, new.quantity, item.unit));
  end if;
  return null;
end $$;
comment on function public._tell_low_stock() is 'Tells the office when a truck''s stock of a part falls to its low mark.';
create trigger truck_inventory_tell_low_stock after update of quantity on public.truck_inventory
  for each row when (new.quantity < old.quantity) execute function public._tell_low_stock();

-- ---------------------------------------------------------------------------------------------------------------------
-- Row level security: members see their company, dispatchers write what the office may write.
-- Stock, ledger, clock, travel and order history are written by functions and triggers only, so they have one policy.

alter table public.trucks enable row level security;
alter table public.technicians enable row level security;
alter table public.customers enable row level security;
alter table public.work_orders enable row level security;
alter table public.work_order_counters enable row level security;
alter table public.work_order_notes enable row level security;
alter table public.work_order_history enable row level security;
alter table public.customer_history enable row level security;
alter table public.inventory_items enable row level security;
alter table public.item_aliases enable row level security;
alter table public.truck_inventory enable row level security;
alter table public.stock_movements enable row level security;
alter table public.technician_clock_records enable row level security;
alter table public.travel_logs enable row level security;

revoke all on public.trucks, public.technicians, public.customers, public.work_orders, public.work_order_counters, public.work_order_notes,
  public.work_order_history, public.customer_history, public.inventory_items, public.item_aliases, public.truck_inventory,
  public.stock_movements, public.technician_clock_records, public.travel_logs from anon, authenticated;

grant select on public.trucks, public.technicians, public.customers, public.work_orders, public.work_order_notes,
  public.work_order_history, public.customer_history, public.inventory_items, public.item_aliases, public.truck_inventory,
  public.stock_movements, public.technician_clock_records, public.travel_logs to authenticated;
grant insert (company_id, number, name, is_office_truck, active), update (number, name, is_office_truck, active)
  on public.trucks to authenticated;
grant insert (company_id, employee_id, badge, name, phone, active), update (employee_id, badge, name, phone, active)
  on public.technicians to authenticated;
grant insert (company_id, name, address, phone, email, is_new_customer, preferred_schedule_start, preferred_schedule_end),
  update (name, address, phone, email, is_new_customer, preferred_schedule_start, preferred_schedule_end)
  on public.customers to authenticated;
-- What was mistyped goes; what anything refers to stays, by the foreign keys.
grant delete on public.customers, public.inventory_items to authenticated;
-- Not the status (set_order_status), not who made it, not when it was done.
grant insert (company_id, customer_id, title, brief_description, full_summary, order_type, assigned_technician_id, follow_up_of, scheduled_for, ends_at),
  update (customer_id, title, brief_description, full_summary, order_type, assigned_technician_id, scheduled_for, ends_at)
  on public.work_orders to authenticated;
grant insert (company_id, work_order_id, note_text) on public.work_order_notes to authenticated;
grant insert (company_id, customer_id, work_order_id, notes) on public.customer_history to authenticated;
grant insert (company_id, name, description, category, unit, standard_quantity, low_quantity),
  update (name, description, category, unit, standard_quantity, low_quantity)
  on public.inventory_items to authenticated;
grant insert (company_id, item_id, alias), delete on public.item_aliases to authenticated;

create policy "Members see trucks" on public.trucks
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add trucks" on public.trucks
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));
create policy "Dispatchers change trucks" on public.trucks
  for update to authenticated using (company_id in (select public.my_companies('dispatcher')))
  with check (company_id in (select public.my_companies('dispatcher')));

create policy "Members see technicians" on public.technicians
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add technicians" on public.technicians
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));
create policy "Dispatchers change technicians" on public.technicians
  for update to authenticated using (company_id in (select public.my_companies('dispatcher')))
  with check (company_id in (select public.my_companies('dispatcher')));

create policy "Members see customers" on public.customers
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add customers" on public.customers
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));
create policy "Dispatchers change customers" on public.customers
  for update to authenticated using (company_id in (select public.my_companies('dispatcher')))
  with check (company_id in (select public.my_companies('dispatcher')));

create policy "Admins remove customers" on public.customers
  for delete to authenticated using (company_id in (select public.my_companies('admin')));

create policy "Members see work orders" on public.work_orders
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add work orders" on public.work_orders
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));
create policy "Dispatchers change work orders" on public.work_orders
  for update to authenticated using (company_id in (select public.my_companies('dispatcher')))
  with check (company_id in (select public.my_companies('dispatcher')));

create policy "Members see notes" on public.work_order_notes
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add notes of the office" on public.work_order_notes
  for insert to authenticated with check (technician_id is null and company_id in (select public.my_companies('dispatcher')));

create policy "Members see the history of work orders" on public.work_order_history
  for select to authenticated using (company_id in (select public.my_companies()));

create policy "Members see the history of customers" on public.customer_history
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add to the history of customers" on public.customer_history
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));

create policy "Members see parts" on public.inventory_items
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add parts" on public.inventory_items
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));
create policy "Dispatchers change parts" on public.inventory_items
  for update to authenticated using (company_id in (select public.my_companies('dispatcher')))
  with check (company_id in (select public.my_companies('dispatcher')));

create policy "Admins remove parts" on public.inventory_items
  for delete to authenticated using (company_id in (select public.my_companies('admin')));

create policy "Members see aliases" on public.item_aliases
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers add aliases" on public.item_aliases
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));
create policy "Dispatchers remove aliases" on public.item_aliases
  for delete to authenticated using (company_id in (select public.my_companies('dispatcher')));

create policy "Members see stock" on public.truck_inventory
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Members see the ledger" on public.stock_movements
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Members see clock records" on public.technician_clock_records
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Members see travel" on public.travel_logs
  for select to authenticated using (company_id in (select public.my_companies()));

revoke execute on all functions in schema public from public, anon;
grant execute on function public.set_order_status(bigint, text, text, timestamptz) to authenticated;
