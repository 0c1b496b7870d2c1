-- Maintenance: completed orders older than a year leave the working tables, with their notes, travel and history.
--
-- Copy and delete happen in one transaction, so an order is in one place or the other. Archive tables repeat the columns of
-- their source (a test compares them) and take no part in triggers. What hangs on an order but tells about something else stays
-- and lets go of the order: stock ledger, notifications, sessions, and the customer's history.
--
-- Security definer, and why:
--   archive_orders           nobody has the right to delete an order; it asks for the role itself

create table public.work_orders_archive (
  like public.work_orders including comments,
  archived_at timestamptz not null default public.fieldline_now(),
  primary key (company_id, id),
  foreign key (company_id) references public.companies (id) on delete restrict
);
comment on table public.work_orders_archive is 'Completed orders that archive_orders moved out of work_orders.';
create index work_orders_archive_number_idx on public.work_orders_archive (company_id, number);
create index work_orders_archive_customer_idx on public.work_orders_archive (company_id, customer_id);

create table public.work_order_notes_archive (
  like public.work_order_notes including comments,
  archived_at timestamptz not null default public.fieldline_now(),
  primary key (company_id, id),
  foreign key (company_id) references public.companies (id) on delete restrict,
  foreign key (company_id, work_order_id) references public.work_orders_archive (company_id, id) on delete restrict
);
comment on table public.work_order_notes_archive is 'Notes of archived orders.';
create index work_order_notes_archive_order_idx on public.work_order_notes_archive (company_id, work_order_id);

create table public.travel_logs_archive (
  like public.travel_logs including comments,
  archived_at timestamptz not null default public.fieldline_now(),
  primary key (company_id, id),
  foreign key (company_id) references public.companies (id) on delete restrict,
  foreign key (company_id, work_order_id) references public.work_orders_archive (company_id, id) on delete restrict
);
comment on table public.travel_logs_archive is 'Drives to archived orders.';
create index travel_logs_archive_order_idx on public.travel_logs_archive (company_id, work_order_id);

create table public.work_order_history_archive (
  like public.work_order_history including comments,
  archived_at timestamptz not null default public.fieldline_now(),
  primary key (company_id, id),
  foreign key (company_id) references public.companies (id) on delete restrict,
  foreign key (company_id, work_order_id) references public.work_orders_archive (company_id, id) on delete restrict
);
comment on table public.work_order_history_archive is 'Changes of archived orders.';
create index work_order_history_archive_order_idx on public.work_order_history_archive (company_id, work_order_id);

create function public.archive_orders(before timestamptz default null, at_most integer default 1000) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  -- Completed within the year is never archived, whatever is asked for.
  limit_ timestamptz := least(coalesce(archive_orders.before, 'infinity'), public.fieldline_now() - interval '1 year');
  everywhere boolean := coalesce(current_setting('role', true), 'none') <> 'authenticated';
  orders bigint[];
  moved integer;
begin
  if not everywhere and not exists (select from public.my_companies('admin')) then
    perform public._refuse('FL073', 'not_allowed', '{}', 'Only an administrator may do that.');
  end if;
  select coalesce(array_agg(w.id), '{}') into orders from (
    select w.id from public.work_orders w
    where w.status = 'completed' and w.completed_at < limit_
      and (everywhere or w.company_id in (select public.my_companies('admin')))
    order by w.id limit archive_orders.at_most
    for update skip locked
  ) w;

  insert into public.work_orders_archive
    select (jsonb_populate_record(null::public.work_orders_archive, to_jsonb(w) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.work_orders w where w.id = any (orders);
  get diagnostics moved = row_count;
  insert into public.work_order_notes_archive
    select (jsonb_populate_record(null::public.work_order_notes_archive, to_jsonb(n) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.work_order_notes n where n.work_order_id = any (orders);
  insert into public.travel_logs_archive
    select (jsonb_populate_record(null::public.travel_logs_archive, to_jsonb(l) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.travel_logs l where l.work_order_id = any (orders);

  -- Letting go of an order writes history of its own (follow_up_of), so history is moved last.
  update public.customer_history h set work_order_id = null where h.work_order_id = any (orders);
  update public.work_orders w set follow_up_of = null where w.follow_up_of = any (orders);
  insert into public.work_order_history_archive
    select (jsonb_populate_record(null::public.work_order_history_archive, to_jsonb(h) || jsonb_build_object('archived_at', public.fieldline_now()))).*
    from public.work_order_history h where h.work_order_id = any (orders);
  delete from public.work_order_history h where h.work_order_id = any (orders);
  delete from public.travel_logs l where l.work_order_id = any (orders);
  delete from public.work_order_notes n where n.work_order_id = any (orders);
  delete from public.work_orders w where w.id = any (orders);
  return jsonb_build_object('archived', moved, 'before', limit_, 'more', moved = archive_orders.at_most);
end $$;
comment on function public.archive_orders(timestamptz, integer) is 'Moves completed orders that are over a year old, with notes, travel and history, to the archive tables. Admins for their companies, the secret key for all; call again while it answers more.';
grant execute on function public.archive_orders(timestamptz, integer) to authenticated, service_role;

alter table public.work_orders_archive enable row level security;
alter table public.work_order_notes_archive enable row level security;
alter table public.travel_logs_archive enable row level security;
alter table public.work_order_history_archive enable row level security;
revoke all on public.work_orders_archive, public.work_order_notes_archive, public.travel_logs_archive, public.work_order_history_archive
  from anon, authenticated;
grant select on public.work_orders_archive, public.work_order_notes_archive, public.travel_logs_archive, public.work_order_history_archive
  to authenticated;
create policy "Members read their company's archived orders" on public.work_orders_archive
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Members read their company's archived notes" on public.work_order_notes_archive
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Members read their company's archived travel" on public.travel_logs_archive
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Members read their company's archived changes" on public.work_order_history_archive
  for select to authenticated using (company_id in (select public.my_companies()));

revoke execute on all functions in schema public from public, anon;
