-- The technician's day by telephone: who am I to the clock, what is on, on my way, here I am.
--
-- One function per tool. Each begins with `_line_technician(call_id)`: who is acting is what the call has proved, never
-- an argument. Facts come back as JSON; a refusal is an FL code (docs/line-functions.md has the table).
--
-- A write is safe to repeat in two layers. The tool call's id (`request_id`) covers a lost answer: the stored result
-- comes back. A model that was interrupted repeats itself with a new id: changes of state answer `already`, and what
-- would add a second row (note, parts, restock, follow-up) is compared with what this call did in the last two minutes
-- and comes back as `repeated`, unless the caller confirmed `again`. A lock per call and function makes simultaneous
-- repeats queue, so the second one sees what the first one did.
--
-- Helpers that run many times or join much are plpgsql, which keeps their plans for the connection; with a pinned
-- search_path a function in SQL is planned at every call.
--
-- Definer functions and why: all functions without an underscore, because the line's account has no table grants; each
-- checks that account first, through `_line_technician`. Those with an underscore work with the rights of whoever calls.

create table public.line_requests (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid not null,
  function text not null,
  request_id text not null check (char_length(request_id) between 1 and 200),
  arguments jsonb not null,
  result jsonb not null,
  created_at timestamptz not null default public.fieldline_now(),
  unique (call_id, function, request_id),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete cascade
);
create index line_requests_recent on public.line_requests (company_id, call_id, function, created_at);
comment on table public.line_requests is 'What each writing tool call answered, so that a repeated one gets the same answer and writes nothing.';
alter table public.line_requests enable row level security;
revoke all on public.line_requests from anon, authenticated;

-- ---------------------------------------------------------------------------------------------------------------------
-- Repeats

create function public._answered(me public.line_identity, function text, request_id text) returns jsonb
language plpgsql set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(me.call_id::text || ' ' || _answered.function, 0));
  return (
    select r.result from public.line_requests r
    where r.call_id = me.call_id and r.function = _answered.function and r.request_id = _answered.request_id
  );
end $$;
comment on function public._answered(public.line_identity, text, text) is 'Queues behind the same function of the same call, then gives the answer that this request already got, or null.';

create function public._just_done(me public.line_identity, function text, arguments jsonb, again boolean) returns jsonb
language sql stable set search_path = ''
as $$
  select r.result || '{"repeated": true}'
  from public.line_requests r
  where not coalesce(_just_done.again, false)
    and r.company_id = me.company_id and r.call_id = me.call_id and r.function = _just_done.function
    and r.arguments = _just_done.arguments and not coalesce((r.result -> 'repeated')::boolean, false)
    and r.created_at > public.fieldline_now() - interval '2 minutes'
  order by r.created_at desc, r.id desc limit 1
$$;
comment on function public._just_done(public.line_identity, text, jsonb, boolean) is 'What the same words did on this call less than two minutes ago, or null; null when the caller wants it again.';

create function public._keep_answer(me public.line_identity, function text, request_id text, arguments jsonb, result jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
begin
  insert into public.line_requests (company_id, call_id, function, request_id, arguments, result)
  values (me.company_id, me.call_id, _keep_answer.function, coalesce(_keep_answer.request_id, gen_random_uuid()::text),
    coalesce(_keep_answer.arguments, '{}'), _keep_answer.result);
  return _keep_answer.result;
end $$;
comment on function public._keep_answer(public.line_identity, text, text, jsonb, jsonb) is 'Stores the answer of a write beside its request and returns it.';

create function public._plain_words(value text) returns text
language sql immutable set search_path = ''
as $$ select btrim(regexp_replace(lower(coalesce(value, '')), '[^[:alnum:]]+', ' ', 'g')) $$;
comment on function public._plain_words(text) is 'Text without case and punctuation, to compare what was said twice.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Time

create function public._utc(moment timestamptz) returns text
language sql immutable set search_path = ''
as $$ select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;
comment on function public._utc(timestamptz) is 'A moment as facts carry it: ISO 8601, UTC.';

create function public._today(me public.line_identity) returns date
language sql stable set search_path = ''
as $$ select (public.fieldline_now() at time zone me.zone)::date $$;
comment on function public._today(public.line_identity) is 'The date where the company is.';

create function public._bad_date(heard text) returns date
language plpgsql set search_path = ''
as $$
begin
  perform public._refuse('FL050', 'bad_date', jsonb_build_object('heard', left(heard, 100)), 'I did not understand that day.');
end $$;
comment on function public._bad_date(text) is 'Refuses a day that is none.';

create function public._next_month_day(month_day text, today date) returns date
language plpgsql immutable set search_path = ''
as $$
declare
  month integer := split_part(month_day, '-', 1)::integer;
  day integer := split_part(month_day, '-', 2)::integer;
  candidate date;
begin
  -- Up to eight years, for the 29th of February around a century.
  for year in extract(year from today)::integer .. extract(year from today)::integer + 8 loop
    if day <= extract(day from make_date(year, month, 1) + interval '1 month - 1 day') then
      candidate := make_date(year, month, day);
      exit when candidate >= today;
    end if;
  end loop;
  return candidate;
end $$;
comment on function public._next_month_day(text, date) is 'The next 03-10, today included; null for a day that no year has.';

create function public._day_of(heard text, today date) returns date
language plpgsql stable set search_path = ''
as $$
declare
  word text := regexp_replace(lower(btrim(coalesce(heard, ''))), '^(on|this)\s+', '');
  next_week integer := case when word like 'next %' then 1 else 0 end;
  weekday integer;
  day date;
begin
  word := regexp_replace(word, '^next\s+', '');
  weekday := array_position(array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], left(word, 3));
  day := case
    when word = 'today' or word = 'tonight' then today
    when word = 'tomorrow' then today + 1
    when word = 'day after tomorrow' or word = 'the day after tomorrow' then today + 2
    when word = 'yesterday' then today - 1
    -- "Monday" said on a Monday is today; "next Monday" said on a Monday is not.
    when weekday is not null and word ~ '^(mon|tues|wednes|thurs|fri|satur|sun)day$'
      then today + next_week + (weekday - extract(isodow from today + next_week)::integer + 7) % 7
    when word ~ '^(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])$' then public._next_month_day(word, today)
    when public._is_date(word) then word::date
  end;
  return coalesce(day, public._bad_date(heard));
end $$;
comment on function public._day_of(text, date) is 'The date that a caller means: today, tomorrow, yesterday, a weekday (the next one, today included), YYYY-MM-DD or MM-DD.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Jobs

create function public._job_facts(job public.work_orders) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'number', job.number,
      'title', job.title,
      'order_type', job.order_type,
      'status', job.status,
      'scheduled_for', public._utc(job.scheduled_for),
      'ends_at', public._utc(job.ends_at),
      'local_date', to_char(job.scheduled_for at time zone z.zone, 'YYYY-MM-DD'),
      'local_time', to_char(job.scheduled_for at time zone z.zone, 'HH24:MI'),
      'customer', c.name,
      'address', c.address,
      'phone', c.phone,
      'brief', job.brief_description,
      'is_new_customer', c.is_new_customer)
    from public.customers c, public._company_zone(job.company_id) as z (zone)
    where c.company_id = job.company_id and c.id = job.customer_id
  );
end $$;
comment on function public._job_facts(public.work_orders) is 'An order as every tool tells it; null when there is no order.';

create function public._job_label(job public.work_orders) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('number', job.number, 'title', job.title, 'customer', c.name)
  from public.customers c where c.company_id = job.company_id and c.id = job.customer_id
$$;
comment on function public._job_label(public.work_orders) is 'Just enough to name an order in a question.';

create function public._jobs_on(me public.line_identity, day date) returns setof public.work_orders
language sql stable set search_path = ''
as $$
  select w.* from public.work_orders w
  where w.company_id = me.company_id and w.assigned_technician_id = me.technician_id and w.status <> 'cancelled'
    and w.scheduled_for >= day::timestamp at time zone me.zone
    and w.scheduled_for < (day + 1)::timestamp at time zone me.zone
  order by w.scheduled_for, w.number
$$;
comment on function public._jobs_on(public.line_identity, date) is 'The caller''s orders of a local day, in order.';

create function public._jobs_in_progress(me public.line_identity) returns setof public.work_orders
language sql stable set search_path = ''
as $$
  select w.* from public.work_orders w
  where w.company_id = me.company_id and w.assigned_technician_id = me.technician_id
    and w.status in ('pending', 'scheduled', 'in_progress') and w.status = 'in_progress'
  order by w.started_at, w.number
$$;
comment on function public._jobs_in_progress(public.line_identity) is 'The caller''s orders in progress. The first condition repeats the partial index'' own, so that it serves.';

create function public._next_job(me public.line_identity) returns public.work_orders
language sql stable set search_path = ''
as $$
  select w.* from public.work_orders w
  where w.company_id = me.company_id and w.assigned_technician_id = me.technician_id
    and w.status in ('pending', 'scheduled', 'in_progress') and w.status <> 'in_progress'
    and w.scheduled_for >= public._today(me)::timestamp at time zone me.zone
  order by w.scheduled_for, w.number limit 1
$$;
comment on function public._next_job(public.line_identity) is 'The caller''s next order that is not yet begun, from this morning on.';

create function public._next_job_now(me public.line_identity) returns public.work_orders
language sql stable set search_path = ''
as $$
  select j.* from public._next_job(me) j
  where (j.scheduled_for at time zone me.zone)::date = public._today(me) or j.scheduled_for < public.fieldline_now() + interval '12 hours'
$$;
comment on function public._next_job_now(public.line_identity) is 'The next order, if it is one of today or of this night: nobody who says "I am here" means next Monday.';

create function public._open_travel(me public.line_identity) returns public.travel_logs
language sql stable set search_path = ''
as $$ select t.* from public.travel_logs t where t.technician_id = me.technician_id and t.travel_end_time is null $$;
comment on function public._open_travel(public.line_identity) is 'The drive that the caller is on.';

create function public._open_clock(me public.line_identity) returns public.technician_clock_records
language sql stable set search_path = ''
as $$ select r.* from public.technician_clock_records r where r.technician_id = me.technician_id and r.clock_out_time is null $$;
comment on function public._open_clock(public.line_identity) is 'The caller''s open clock record.';

create function public._job_of_travel(travel public.travel_logs) returns public.work_orders
language sql stable set search_path = ''
as $$ select w.* from public.work_orders w where w.company_id = travel.company_id and w.id = travel.work_order_id $$;
comment on function public._job_of_travel(public.travel_logs) is 'The order that a drive leads to.';

create function public._job_by_number(me public.line_identity, number bigint) returns public.work_orders
language plpgsql stable set search_path = ''
as $$
declare
  job public.work_orders;
begin
  select w.* into job from public.work_orders w where w.company_id = me.company_id and w.number = _job_by_number.number;
  if job.id is null then
    perform public._refuse('FL020', 'job_unknown', jsonb_build_object('number', number),
      format('I have no work order %s for you.', number));
  end if;
  -- The same words, and nothing else about it: whose it is, is not the caller's business.
  if job.assigned_technician_id is distinct from me.technician_id then
    perform public._refuse('FL021', 'job_not_yours', jsonb_build_object('number', number),
      format('I have no work order %s for you.', number));
  end if;
  return job;
end $$;
comment on function public._job_by_number(public.line_identity, bigint) is 'The caller''s order with this spoken number; somebody else''s is refused like one that does not exist.';

create function public._ask_which_job(jobs public.work_orders[]) returns void
language plpgsql stable set search_path = ''
as $$
begin
  perform public._refuse('FL027', 'which_job',
    jsonb_build_object('options', (select jsonb_agg(public._job_label(j)) from unnest(jobs) j)), 'Which work order do you mean?');
end $$;
comment on function public._ask_which_job(public.work_orders[]) is 'Asks instead of guessing.';

create function public._current_job(me public.line_identity) returns public.work_orders
language plpgsql stable set search_path = ''
as $$
declare
  jobs public.work_orders[] := array(select j from public._jobs_in_progress(me) j);
begin
  if cardinality(jobs) > 1 then
    perform public._ask_which_job(jobs);
  end if;
  if cardinality(jobs) = 1 then
    return jobs[1];
  end if;
  return public._job_of_travel(public._open_travel(me));
end $$;
comment on function public._current_job(public.line_identity) is 'The order in progress, else the one being travelled to, else none; two in progress are asked about.';

create function public._pick_job(me public.line_identity, number bigint, otherwise text default 'ask') returns public.work_orders
language plpgsql stable set search_path = ''
as $$
declare
  job public.work_orders;
  jobs public.work_orders[];
begin
  if number is not null then
    return public._job_by_number(me, number);
  end if;
  job := public._current_job(me);
  if job.id is null and otherwise = 'next' then
    job := public._next_job(me);
  elsif job.id is null and otherwise = 'now' then
    job := public._next_job_now(me);
  elsif job.id is null and otherwise = 'last' then
    select w.* into job from public._jobs_on(me, public._today(me)) w where w.status = 'completed' order by w.completed_at desc limit 1;
  end if;
  if job.id is null then
    jobs := array(select j from public._jobs_on(me, public._today(me)) j);
    if otherwise in ('next', 'now') or cardinality(jobs) = 0 then
      perform public._no_job(public._today(me));
    end if;
    perform public._ask_which_job(jobs);
  end if;
  return job;
end $$;
comment on function public._pick_job(public.line_identity, bigint, text) is
  'The order that a caller means: by its number, else the current one, else (otherwise = next) the next, (now) the next of today or (last) today''s last finished one; else it asks which of today''s.';

create function public._no_job(day date) returns void
language plpgsql set search_path = ''
as $$
begin
  perform public._refuse('FL026', 'no_job', jsonb_build_object('day', to_char(day, 'YYYY-MM-DD')), 'You have no work order waiting.');
end $$;
comment on function public._no_job(date) is 'Refuses because there is no order to speak of.';

create function public._need_clock(me public.line_identity) returns public.technician_clock_records
language plpgsql stable set search_path = ''
as $$
declare
  record public.technician_clock_records := public._open_clock(me);
begin
  if record.id is null then
    perform public._refuse('FL014', 'not_clocked_in', '{}', 'You are not clocked in.');
  end if;
  return record;
end $$;
comment on function public._need_clock(public.line_identity) is 'The caller''s open clock record, or a refusal.';

create function public._truck_number(truck_id bigint) returns bigint
language sql stable set search_path = ''
as $$ select t.number from public.trucks t where t.id = truck_id $$;
comment on function public._truck_number(bigint) is 'What people call a truck.';

create function public._holder(truck_id bigint) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select t.name from public.technicians t
    where t.id = (
      select r.technician_id from public.technician_clock_records r
      where r.truck_id = _holder.truck_id and r.clock_out_time is null)
  );
end $$;
comment on function public._holder(bigint) is 'Who is clocked in on a truck.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Status and clock

create function public.my_status(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(my_status.call_id);
  clock public.technician_clock_records := public._open_clock(me);
begin
  return jsonb_build_object(
    'name', me.technician_name,
    'clocked_in', clock.id is not null,
    'truck', public._truck_number(clock.truck_id),
    'since', public._utc(clock.clock_in_time),
    'current_job', (select public._job_facts(j) from public._jobs_in_progress(me) j limit 1),
    'travelling_to', public._job_facts(public._job_of_travel(public._open_travel(me))),
    'jobs_left_today', (select count(*) from public._jobs_on(me, public._today(me)) j where j.status <> 'completed'),
    'next_job', public._job_facts(public._next_job(me)),
    'unread', (select sum(u.value::integer) from jsonb_each_text(public._unread(me.company_id, me.technician_id)) u));
end $$;
comment on function public.my_status(uuid) is 'Where the caller stands: clock, truck, current order, drive, what is left, unread notifications.';

create function public._service_truck(me public.line_identity, number bigint) returns public.trucks
language plpgsql stable set search_path = ''
as $$
declare
  truck public.trucks;
begin
  select t.* into truck from public.trucks t where t.company_id = me.company_id and t.number = _service_truck.number;
  if truck.id is null then
    perform public._refuse('FL010', 'truck_unknown', jsonb_build_object('truck', number), format('There is no truck %s.', number));
  elsif truck.is_office_truck then
    perform public._refuse('FL016', 'office_truck', jsonb_build_object('truck', number), 'That is the office truck: nobody clocks in on it and it carries no stock.');
  elsif not truck.active then
    perform public._refuse('FL011', 'truck_inactive', jsonb_build_object('truck', number), format('Truck %s is out of service.', number));
  end if;
  return truck;
end $$;
comment on function public._service_truck(public.line_identity, bigint) is 'The company''s truck with this number, if it may be worked with.';

create function public._clocked_in_facts(me public.line_identity, clock public.technician_clock_records, already boolean) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'truck', public._truck_number(clock.truck_id),
    'since', public._utc(clock.clock_in_time),
    'already', already,
    'jobs_today', (select count(*) from public._jobs_on(me, public._today(me)) j where j.status <> 'completed'),
    'first_job', (select public._job_facts(j) from public._jobs_on(me, public._today(me)) j where j.status <> 'completed' limit 1),
    'unread', public._unread(me.company_id, me.technician_id),
    'low_stock', (
      select coalesce(jsonb_agg(jsonb_build_object('part', i.name, 'quantity', s.quantity, 'unit', i.unit) order by i.name), '[]')
      from public.truck_inventory s join public.inventory_items i on i.company_id = s.company_id and i.id = s.item_id
      where s.company_id = me.company_id and s.truck_id = clock.truck_id and public._is_low(i, s.quantity)))
$$;
comment on function public._clocked_in_facts(public.line_identity, public.technician_clock_records, boolean) is 'What a technician hears after clocking in.';

create table public.clock_corrections (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  clock_record_id bigint not null,
  call_id uuid not null,
  from_truck_id bigint not null,
  to_truck_id bigint not null,
  clock_out_time timestamptz,
  created_at timestamptz not null default public.fieldline_now(),
  foreign key (company_id, clock_record_id) references public.technician_clock_records (company_id, id) on delete cascade,
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete cascade,
  foreign key (company_id, from_truck_id) references public.trucks (company_id, id) on delete restrict,
  foreign key (company_id, to_truck_id) references public.trucks (company_id, id) on delete restrict,
  check (to_truck_id <> from_truck_id or clock_out_time is not null)
);
create index clock_corrections_record on public.clock_corrections (company_id, clock_record_id);
create index clock_corrections_call on public.clock_corrections (company_id, call_id);
create index clock_corrections_from on public.clock_corrections (company_id, from_truck_id);
create index clock_corrections_to on public.clock_corrections (company_id, to_truck_id);
comment on table public.clock_corrections is 'What a clock record said before its technician put it right: the truck, or the end. Rows are never changed.';
comment on column public.clock_corrections.clock_out_time is 'The clock-out that was taken back; null where only the truck was wrong.';
alter table public.clock_corrections enable row level security;
revoke all on public.clock_corrections from anon, authenticated;
grant select on public.clock_corrections to authenticated;
create policy "Members see corrections of clock records" on public.clock_corrections
  for select to authenticated using (company_id in (select public.my_companies()));

create function public._clock_stands(clock public.technician_clock_records) returns text
language sql stable set search_path = ''
as $$
  select case
    when clock.clock_in_time <= public.fieldline_now() - interval '15 minutes' then 'late'
    -- Parts were booked on the wrong truck, and changing the record would leave them there.
    when exists (
      select from public.stock_movements m
      where m.company_id = clock.company_id and m.technician_id = clock.technician_id and m.truck_id = clock.truck_id
        and m.created_at >= clock.clock_in_time and m.reason in ('used', 'taken')
        and not exists (select from public.stock_movements r where r.company_id = m.company_id and r.reverses_id = m.id)) then 'parts'
  end
$$;
comment on function public._clock_stands(public.technician_clock_records) is 'Why the truck of a clock-in can no longer be corrected by telephone: late (a quarter of an hour) or parts; null when it can.';

create function public._change_truck(me public.line_identity, instead_of bigint, wanted public.trucks) returns public.technician_clock_records
language plpgsql set search_path = ''
as $$
declare
  clock public.technician_clock_records;
  before public.trucks;
  stands text;
begin
  -- Two calls of one technician queue here; the second sees what the first made of it.
  select r.* into clock from public.technician_clock_records r
    where r.technician_id = me.technician_id and r.clock_out_time is null for update;
  select t.* into before from public.trucks t where t.id = clock.truck_id;
  stands := public._clock_stands(clock);
  if clock.id is null then
    perform public._need_clock(me);
  elsif before.id = wanted.id then
    return clock;
  elsif before.number is distinct from instead_of then
    perform public._refuse('FL013', 'already_clocked_in', jsonb_build_object('truck', before.number, 'since', public._utc(clock.clock_in_time),
        'change_to', case when stands is null and public._holder(wanted.id) is null then wanted.number end),
      format('You are already clocked in on truck %s.', before.number));
  elsif stands is not null then
    perform public._refuse('FL017', 'clock_in_stands', jsonb_build_object('truck', before.number, 'since', public._utc(clock.clock_in_time), 'why', stands),
      format('You are clocked in on truck %s, and only the office can change that now.', before.number));
  end if;
  begin
    update public.technician_clock_records r set truck_id = wanted.id where r.id = clock.id returning r.* into clock;
  exception when unique_violation then
    perform public._refuse_taken_truck(wanted);
  end;
  insert into public.clock_corrections (company_id, clock_record_id, call_id, from_truck_id, to_truck_id)
  values (me.company_id, clock.id, me.call_id, before.id, wanted.id);
  return clock;
end $$;
comment on function public._change_truck(public.line_identity, bigint, public.trucks) is 'Puts the truck of the caller''s open clock record right, and keeps what it said. The time worked stays one record.';

create function public._take_back_clock_out(me public.line_identity, wanted public.trucks) returns public.technician_clock_records
language plpgsql set search_path = ''
as $$
declare
  clock public.technician_clock_records;
  ended timestamptz;
begin
  select r.* into clock from public.technician_clock_records r
    where r.company_id = me.company_id and r.technician_id = me.technician_id
    order by r.clock_in_time desc, r.id desc limit 1 for update;
  ended := clock.clock_out_time;
  if ended is null or clock.truck_id <> wanted.id or ended <= public.fieldline_now() - interval '15 minutes' or not exists (
    select from public.line_requests r where r.company_id = me.company_id and r.call_id = me.call_id and r.function = 'clock_out'
      and not (r.result -> 'repeated')::boolean and r.result ->> 'until' = public._utc(ended)) then
    return null;
  end if;
  begin
    update public.technician_clock_records r set clock_out_time = null where r.id = clock.id returning r.* into clock;
  exception when unique_violation then
    perform public._refuse_taken_truck(wanted);
  end;
  -- The drive that the clock-out ended goes on.
  update public.travel_logs t set travel_end_time = null
  where t.company_id = me.company_id and t.technician_id = me.technician_id
    and t.travel_end_time between ended - interval '1 microsecond' and ended;
  insert into public.clock_corrections (company_id, clock_record_id, call_id, from_truck_id, to_truck_id, clock_out_time)
  values (me.company_id, clock.id, me.call_id, wanted.id, wanted.id, ended);
  return clock;
end $$;
comment on function public._take_back_clock_out(public.line_identity, public.trucks) is 'Who clocks in again on the call on which they have just clocked out of the same truck did not mean to: their record goes on, and so does the drive that ended with it. Null when there is nothing to take back.';

create function public.clock_in(call_id uuid, request_id text, truck bigint, instead_of bigint default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(clock_in.call_id);
  answer jsonb := public._answered(me, 'clock_in', clock_in.request_id);
  wanted public.trucks;
  clock public.technician_clock_records;
begin
  if answer is not null then
    return answer;
  end if;
  wanted := public._service_truck(me, clock_in.truck);
  clock := public._take_back_clock_out(me, wanted);
  if clock.id is not null then
    return public._keep_answer(me, 'clock_in', clock_in.request_id, jsonb_build_object('truck', clock_in.truck),
      public._clocked_in_facts(me, clock, false) || '{"still": true}');
  end if;
  -- The two partial unique indexes decide between simultaneous callers; here is only said who won.
  insert into public.technician_clock_records (company_id, technician_id, truck_id)
  values (me.company_id, me.technician_id, wanted.id)
  on conflict do nothing returning * into clock;
  if clock.id is not null then
    answer := public._clocked_in_facts(me, clock, false);
  else
    clock := public._open_clock(me);
    if clock.id is null then
      perform public._refuse_taken_truck(wanted);
    elsif clock.truck_id = wanted.id then
      answer := public._clocked_in_facts(me, clock, true);
    else
      answer := public._clocked_in_facts(me, public._change_truck(me, clock_in.instead_of, wanted), false)
        || jsonb_build_object('instead_of', clock_in.instead_of);
    end if;
  end if;
  return public._keep_answer(me, 'clock_in', clock_in.request_id,
    jsonb_strip_nulls(jsonb_build_object('truck', clock_in.truck, 'instead_of', clock_in.instead_of)), answer);
end $$;
comment on function public.clock_in(uuid, text, bigint, bigint) is 'Clocks the caller in on a truck, puts the truck of a clock-in of the last quarter of an hour right, or takes this call''s clock-out back. The same truck again answers already.';

create function public._refuse_taken_truck(truck public.trucks) returns void
language plpgsql stable set search_path = ''
as $$
declare
  holder text := public._holder(truck.id);
begin
  perform public._refuse('FL012', 'truck_taken', jsonb_build_object('truck', truck.number, 'by', holder),
    format('%s is on truck %s.', coalesce(holder, 'Somebody'), truck.number));
end $$;
comment on function public._refuse_taken_truck(public.trucks) is 'Says who is on a truck.';

create function public._refuse_open_work(me public.line_identity) returns void
language plpgsql stable set search_path = ''
as $$
declare
  jobs jsonb := (select coalesce(jsonb_agg(public._job_label(j)), '[]') from public._jobs_in_progress(me) j);
  travel jsonb := public._job_label(public._job_of_travel(public._open_travel(me)));
begin
  if jobs <> '[]' or travel is not null then
    perform public._refuse('FL015', 'work_open', jsonb_build_object('jobs', jobs, 'travel', travel),
      'You still have work open. Clock out anyway?');
  end if;
end $$;
comment on function public._refuse_open_work(public.line_identity) is 'Warns of orders in progress and of an open drive before clocking out.';

create function public.clock_out(call_id uuid, request_id text, confirmed boolean default false) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(clock_out.call_id);
  answer jsonb := public._answered(me, 'clock_out', clock_out.request_id);
  clock public.technician_clock_records := public._open_clock(me);
begin
  answer := coalesce(answer, case when clock.id is null then public._just_done(me, 'clock_out', '{}', false) end);
  if answer is not null then
    return answer;
  end if;
  clock := public._need_clock(me);
  if not coalesce(clock_out.confirmed, false) then
    perform public._refuse_open_work(me);
  end if;
  update public.travel_logs t set travel_end_time = greatest(public.fieldline_now(), t.travel_start_time)
  where t.technician_id = me.technician_id and t.travel_end_time is null;
  -- A microsecond more, should both happen at one instant: a record that ends when it begins is none.
  update public.technician_clock_records r
  set clock_out_time = greatest(public.fieldline_now(), r.clock_in_time + interval '1 microsecond')
  where r.id = clock.id returning r.* into clock;
  answer := jsonb_build_object(
    'truck', public._truck_number(clock.truck_id),
    'since', public._utc(clock.clock_in_time),
    'until', public._utc(clock.clock_out_time),
    'hours', round(extract(epoch from clock.clock_out_time - clock.clock_in_time) / 3600, 2),
    'jobs_done', (
      select count(*) from public.work_orders w
      where w.company_id = me.company_id and w.assigned_technician_id = me.technician_id
        and w.completed_at between clock.clock_in_time and clock.clock_out_time),
    'repeated', false);
  return public._keep_answer(me, 'clock_out', clock_out.request_id, '{}', answer);
end $$;
comment on function public.clock_out(uuid, text, boolean) is 'Clocks the caller out and ends an open drive. Open work is warned of first; confirmed passes.';

-- ---------------------------------------------------------------------------------------------------------------------
-- What is on

create function public.my_jobs(call_id uuid, day text default 'today') returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(my_jobs.call_id);
  date date := public._day_of(my_jobs.day, public._today(me));
begin
  return jsonb_build_object(
    'date', to_char(date, 'YYYY-MM-DD'),
    'weekday', to_char(date, 'FMDay'),
    'jobs', (select coalesce(jsonb_agg(public._job_facts(j) order by j.scheduled_for, j.number), '[]') from public._jobs_on(me, date) j));
end $$;
comment on function public.my_jobs(uuid, text) is 'The caller''s orders of a day.';

create function public.next_job(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(next_job.call_id);
  job public.work_orders := public._next_job(me);
begin
  if job.id is null then
    perform public._no_job(public._today(me));
  end if;
  return jsonb_build_object('job', public._job_facts(job));
end $$;
comment on function public.next_job(uuid) is 'The caller''s next order that is not yet begun.';

create function public._technician_name(technician_id bigint) returns text
language sql stable set search_path = ''
as $$ select t.name from public.technicians t where t.id = technician_id $$;
comment on function public._technician_name(bigint) is 'What a technician is called. One at a time by its key: joined to a list, the planner would read everybody.';

create function public._notes_of(job public.work_orders) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('text', n.note_text, 'by', coalesce(public._technician_name(n.technician_id), 'the office'),
    'at', public._utc(n.created_at)) order by n.created_at, n.id), '[]')
  from (
    select x.* from public.work_order_notes x
    where x.company_id = job.company_id and x.work_order_id = job.id and x.deleted_at is null
    order by x.created_at desc, x.id desc limit 10
  ) n
$$;
comment on function public._notes_of(public.work_orders) is 'The last ten notes of an order, oldest first, without the struck ones.';

create function public.job_details(call_id uuid, number bigint default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(job_details.call_id);
  job public.work_orders := public._pick_job(me, job_details.number, 'next');
  customer public.customers;
begin
  select c.* into customer from public.customers c where c.company_id = job.company_id and c.id = job.customer_id;
  return jsonb_build_object(
    'job', public._job_facts(job),
    'summary', job.full_summary,
    'notes', public._notes_of(job),
    'phone', customer.phone,
    'address', customer.address,
    'contact', customer.name,
    'preferred', jsonb_build_object(
      'start', to_char(customer.preferred_schedule_start, 'HH24:MI'), 'end', to_char(customer.preferred_schedule_end, 'HH24:MI')),
    'is_new_customer', customer.is_new_customer);
end $$;
comment on function public.job_details(uuid, bigint) is 'All about one of the caller''s orders; the current or next one when no number is given.';

-- ---------------------------------------------------------------------------------------------------------------------
-- On the way, and there

create function public.start_travel(call_id uuid, request_id text, number bigint default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(start_travel.call_id);
  answer jsonb := public._answered(me, 'start_travel', start_travel.request_id);
  travel public.travel_logs;
  job public.work_orders;
  already boolean := true;
begin
  if answer is not null then
    return answer;
  end if;
  perform public._need_clock(me);
  travel := public._open_travel(me);
  job := case when start_travel.number is not null then public._job_by_number(me, start_travel.number)
    when travel.id is not null then public._job_of_travel(travel) else public._next_job_now(me) end;
  if job.id is null then
    perform public._no_job(public._today(me));
  elsif travel.work_order_id <> job.id then
    perform public._refuse_travelling(travel);
  elsif travel.id is null then
    perform public._expect_waiting(job);
    insert into public.travel_logs (company_id, work_order_id, technician_id) values (me.company_id, job.id, me.technician_id)
    on conflict do nothing returning * into travel;
    already := travel.id is null;
    travel := public._open_travel(me);
    perform public._refuse_travelling(travel) where travel.work_order_id <> job.id;
  end if;
  perform public._on_job(me.session_id, job.id);
  return public._keep_answer(me, 'start_travel', start_travel.request_id, jsonb_build_object('number', job.number),
    jsonb_build_object('job', public._job_facts(job), 'started_at', public._utc(travel.travel_start_time), 'already', already));
end $$;
comment on function public.start_travel(uuid, text, bigint) is 'The caller drives to an order, the next one when no number is given. Needs a clock-in; the same order again answers already.';

create function public._refuse_travelling(travel public.travel_logs) returns void
language plpgsql stable set search_path = ''
as $$
declare
  job public.work_orders := public._job_of_travel(travel);
begin
  perform public._refuse('FL024', 'already_travelling', public._job_label(job),
    format('You are already on your way to work order %s.', job.number));
end $$;
comment on function public._refuse_travelling(public.travel_logs) is 'One drive at a time.';

create function public._expect_waiting(job public.work_orders) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if job.status not in ('pending', 'scheduled') then
    perform public._refuse('FL022', 'job_wrong_state', public._job_label(job) || jsonb_build_object('status', job.status),
      format('Work order %s is %s.', job.number, replace(job.status, '_', ' ')));
  end if;
end $$;
comment on function public._expect_waiting(public.work_orders) is 'Refuses to drive to, or to arrive at, an order that is already begun or over.';

create function public.arrive(call_id uuid, request_id text, number bigint default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  me public.line_identity := public._line_technician(arrive.call_id);
  answer jsonb := public._answered(me, 'arrive', arrive.request_id);
  travel public.travel_logs;
  job public.work_orders;
  already boolean;
begin
  if answer is not null then
    return answer;
  end if;
  perform public._need_clock(me);
  travel := public._open_travel(me);
  -- Who is driving arrives where the drive leads; else where he is; else at the next order.
  job := case when arrive.number is null and travel.id is not null then public._job_of_travel(travel)
    else public._pick_job(me, arrive.number, 'now') end;
  already := job.status = 'in_progress';
  if not already then
    perform public._expect_waiting(job);
    job := public._move_order(job.id, 'in_progress');
  end if;
  -- Wherever the drive led to: who is here is no longer driving.
  update public.travel_logs t set travel_end_time = greatest(public.fieldline_now(), t.travel_start_time)
  where t.id = travel.id and t.travel_end_time is null returning t.* into travel;
  if travel.work_order_id is distinct from job.id then
    travel := null;
  end if;
  perform public._on_job(me.session_id, job.id);
  return public._keep_answer(me, 'arrive', arrive.request_id, jsonb_build_object('number', job.number), jsonb_build_object(
    'job', public._job_facts(job),
    'arrived_at', public._utc(job.started_at),
    'travel_minutes', round(extract(epoch from travel.travel_end_time - travel.travel_start_time) / 60)::integer,
    'already', already));
end $$;
comment on function public.arrive(uuid, text, bigint) is 'The caller is at an order: ends the drive to it and puts it in progress. Also without a drive; there already answers already.';

revoke execute on all functions in schema public from public, anon;
grant execute on function
  public.my_status(uuid), public.clock_in(uuid, text, bigint, bigint), public.clock_out(uuid, text, boolean), public.my_jobs(uuid, text),
  public.next_job(uuid), public.job_details(uuid, bigint), public.start_travel(uuid, text, bigint), public.arrive(uuid, text, bigint)
to authenticated;
