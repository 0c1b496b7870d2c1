-- Notifications: what the office is told about the field, and what the office tells a technician.
--
-- Two tables, as two audiences: `notifications` is written by the system (a note that alerts, low stock, a finished order)
-- and addressed to the office unless it names a technician; `manual_notifications` is what somebody in the office typed
-- for a technician. On the phone both are read out together, so their ids come from one sequence and never collide.
--
-- Definer functions and why:
--   _notify_office          called by line functions and triggers for people who may only read notifications

create sequence public.notification_ids as bigint minvalue 1;
revoke all on sequence public.notification_ids from anon, authenticated;
grant usage on sequence public.notification_ids to authenticated;
comment on sequence public.notification_ids is 'Shared by notifications and manual_notifications: one list when they are read aloud.';

create table public.notifications (
  id bigint primary key default nextval('public.notification_ids') check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  work_order_id bigint,
  technician_id bigint,
  notification_type varchar(50) not null
    check (notification_type in ('note_alert', 'status_change', 'low_stock', 'restock_request', 'missed_transfer', 'new_message', 'lockout', 'system')),
  message text not null check (message <> ''),
  priority varchar(50) not null default 'normal' check (priority in ('normal', 'high', 'urgent')),
  is_read boolean not null default false,
  read_at timestamptz,
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete set null (work_order_id),
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict
);
create index idx_notifications_unread on public.notifications (company_id, technician_id, created_at) where not is_read;
create index notifications_work_order on public.notifications (company_id, work_order_id);
create index notifications_technician on public.notifications (company_id, technician_id, created_at);

comment on table public.notifications is 'What the system tells: the office, or one technician when technician_id is set.';
comment on column public.notifications.technician_id is 'The recipient; null means the office.';

create table public.manual_notifications (
  id bigint primary key default nextval('public.notification_ids') check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  technician_id bigint not null,
  work_order_id bigint,
  message text not null check (message <> ''),
  priority varchar(50) not null default 'normal' check (priority in ('normal', 'high', 'urgent')),
  created_by_type text not null default 'system' check (created_by_type in ('technician', 'employee', 'agent', 'system')),
  created_by_id text,
  is_read boolean not null default false,
  read_at timestamptz,
  created_at timestamptz not null default public.fieldline_now(),
  unique (company_id, id),
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict,
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete set null (work_order_id)
);
create index manual_notifications_unread on public.manual_notifications (company_id, technician_id, created_at) where not is_read;
create index manual_notifications_technician on public.manual_notifications (company_id, technician_id, created_at);
create index manual_notifications_work_order on public.manual_notifications (company_id, work_order_id);

comment on table public.manual_notifications is 'What the office tells a technician; read aloud at the start of a call, urgent first.';

create trigger manual_notifications_actor before insert on public.manual_notifications
  for each row when (new.created_by_id is not null) execute function public._check_actor('created_by');
create trigger a_manual_notifications_sign before insert on public.manual_notifications
  for each row when (current_user = 'authenticated') execute function public._sign_row();

create function public._stamp_read() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.read_at := case when new.is_read then coalesce(new.read_at, public.fieldline_now()) end;
  return new;
end $$;
comment on function public._stamp_read() is 'Keeps when a notification was read beside whether it was.';
create trigger notifications_read before update of is_read on public.notifications
  for each row execute function public._stamp_read();
create trigger manual_notifications_read before update of is_read on public.manual_notifications
  for each row execute function public._stamp_read();

create function public._notify_office(
  company_id uuid, notification_type text, message text, work_order_id bigint default null, priority text default 'normal'
) returns bigint
language sql security definer set search_path = ''
as $$
  insert into public.notifications (company_id, notification_type, message, work_order_id, priority)
  values (_notify_office.company_id, _notify_office.notification_type, _notify_office.message, _notify_office.work_order_id, _notify_office.priority)
  returning id
$$;
comment on function public._notify_office(uuid, text, text, bigint, text) is 'Writes one notification to the office and returns its id.';

create function public._unread(company_id uuid, technician_id bigint) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'normal', count(*) filter (where u.priority = 'normal'),
    'high', count(*) filter (where u.priority = 'high'),
    'urgent', count(*) filter (where u.priority = 'urgent'))
  from (
    select n.priority from public.notifications n
    where n.company_id = _unread.company_id and n.technician_id = _unread.technician_id and not n.is_read
    union all
    select m.priority from public.manual_notifications m
    where m.company_id = _unread.company_id and m.technician_id = _unread.technician_id and not m.is_read
  ) u
$$;
comment on function public._unread(uuid, bigint) is 'How many unread notifications wait for a technician, by priority.';

alter table public.notifications enable row level security;
alter table public.manual_notifications enable row level security;
revoke all on public.notifications, public.manual_notifications from anon, authenticated;
grant select, update (is_read) on public.notifications to authenticated;
grant select, insert (company_id, technician_id, work_order_id, message, priority) on public.manual_notifications to authenticated;

create policy "Members see notifications" on public.notifications
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers mark the office's notifications read" on public.notifications
  for update to authenticated using (technician_id is null and company_id in (select public.my_companies('dispatcher')))
  with check (technician_id is null and company_id in (select public.my_companies('dispatcher')));

create policy "Members see what technicians were told" on public.manual_notifications
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers write to technicians" on public.manual_notifications
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));

revoke execute on all functions in schema public from public, anon;
