-- The office and a call that is going on: what it may tell the agent, and what it sees while people talk.
--
-- A command is a row. The office writes it under row level security, the job that serves the call claims it, acts, and
-- writes down what came of it. A nudge over LiveKit only makes the job look sooner: a lost one costs seconds, not the command.
-- A job that dies leaves its claims to the next session of the same call; the end of the call settles what is left.
--
-- Security definer, and why:
--   claim_call_commands, settle_call_command   the line's account has no table grants; both check that account first
--   _check_call_command                        the office may read calls, not lock them against their end
--   _settle_call_commands                      closes rows that whoever ends the call may not write
--   find_calls                                 row level security keeps indexes of words unused; asks my_companies

alter table public.call_logs add column is_test boolean generated always as (room like 'test-%') stored;
comment on column public.call_logs.is_test is 'A call that somebody of the office made from the console to try the line; the API names its room.';

create table public.call_commands (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid not null,
  kind text not null check (kind in ('end', 'say', 'note', 'take_over')),
  payload jsonb not null default '{}',
  created_by uuid not null default auth.uid(),
  created_at timestamptz not null default public.fieldline_now(),
  claimed_at timestamptz,
  claimed_by uuid,
  done_at timestamptz,
  result jsonb,
  unique (company_id, id),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete restrict,
  constraint call_commands_done_has_result check ((done_at is null) = (result is null))
);
comment on table public.call_commands is 'What the office told the agent of a live call: end it, say something, note something, hand the caller over; with what came of it.';
comment on column public.call_commands.payload is 'say and note: {text}; take_over: {employee_id}; end: nothing.';
comment on column public.call_commands.claimed_by is 'The session that took it up; another session of the same call may take it up again.';
comment on column public.call_commands.result is '{ok, reason} and what else there is to say.';
create index call_commands_call_idx on public.call_commands (company_id, call_id, created_at);
create index call_commands_waiting_idx on public.call_commands (call_id) where done_at is null;

create function public._check_call_command() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Shared with the end of the call: a command is written before it, and settled by it, or refused after it.
  perform from public.call_logs c
    where c.company_id = new.company_id and c.id = new.call_id and c.status = 'in_progress' for share;
  if not found then
    perform public._refuse('FL160', 'call_over', '{}', 'This call has ended.');
  end if;
  case new.kind
    when 'say', 'note' then
      new.payload := jsonb_build_object('text', public._clean_text(new.payload ->> 'text', 500));
    when 'take_over' then
      if not exists (
        select from public.employees e
        where e.company_id = new.company_id and e.id::text = new.payload ->> 'employee_id' and e.active and e.phone is not null
      ) then
        perform public._refuse('FL161', 'nobody_to_take_over', '{}', 'That person is not in the directory, or has no telephone number.');
      end if;
      new.payload := jsonb_build_object('employee_id', new.payload ->> 'employee_id');
    else
      new.payload := '{}';
  end case;
  return new;
end $$;
comment on function public._check_call_command() is 'Keeps out commands to calls that are over, without words, or with somebody who cannot be rung.';
create trigger call_commands_check before insert on public.call_commands
  for each row execute function public._check_call_command();

-- What the job claims and settles is the line's; what the office wants is the office's.
create trigger call_commands_audit after insert on public.call_commands for each row execute function public._audit();

create function public._settle_call_commands() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.call_commands k set done_at = public.fieldline_now(), result = '{"ok": false, "reason": "call_over"}'
    where k.company_id = new.company_id and k.call_id = new.id and k.done_at is null;
  return null;
end $$;
comment on function public._settle_call_commands() is 'The end of a call answers the commands that nobody carried out.';
create trigger call_logs_settle_commands after update of status on public.call_logs
  for each row when (old.status = 'in_progress' and new.status <> 'in_progress') execute function public._settle_call_commands();

-- The line -----------------------------------------------------------------------------------------------------------

create function public.claim_call_commands(call_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  who public.line_identity := public._line_call(claim_call_commands.call_id);
  found jsonb;
begin
  with mine as (
    update public.call_commands k set claimed_at = public.fieldline_now(), claimed_by = who.session_id
    where k.id in (
      select w.id from public.call_commands w
      where w.company_id = who.company_id and w.call_id = who.call_id and w.done_at is null
        and w.claimed_by is distinct from who.session_id
      for update skip locked)
    returning k.id, k.kind, k.payload, k.created_at
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'payload', m.payload) order by m.created_at, m.id), '[]')
    into found from mine m;
  return jsonb_build_object('commands', found);
end $$;
comment on function public.claim_call_commands(uuid) is 'What the office wants of this call and nobody of this session has taken up yet, oldest first.';

create function public.settle_call_command(id uuid, result jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform public._line_account();
  update public.call_commands k set done_at = public.fieldline_now(), result = coalesce(settle_call_command.result, '{"ok": true}')
    where k.id = settle_call_command.id and k.done_at is null;
  return jsonb_build_object('settled', found);
end $$;
comment on function public.settle_call_command(uuid, jsonb) is 'What came of a command. The first answer counts.';

-- The office ---------------------------------------------------------------------------------------------------------

create function public.live_calls(company_id uuid, after bigint default 0) returns jsonb
language sql stable set search_path = ''
as $$
  with live as materialized (
    select c.* from public.call_logs c
    where c.company_id = live_calls.company_id
      and (c.status = 'in_progress' or c.ended_at > public.fieldline_now() - interval '1 minute')
    order by c.started_at desc limit 200
  )
  select jsonb_build_object(
    'now', public.fieldline_now(),
    'member', live_calls.company_id in (select public.my_companies()),
    'calls', coalesce((select jsonb_agg(jsonb_build_object(
        'id', l.id, 'line', l.line, 'direction', l.direction, 'from_number', l.from_number, 'to_number', l.to_number,
        'is_test', l.is_test, 'room', l.room, 'started_at', l.started_at, 'ended_at', l.ended_at, 'status', l.status, 'end_reason', l.end_reason,
        'transfer', (select jsonb_build_object('name', e.name, 'started_at', t.started_at, 'answered', t.answered_at is not null,
            'connected', t.connected_at is not null)
          from public.transfers t join public.employees e on e.id = t.employee_id
          where t.company_id = l.company_id and t.call_id = l.id and t.ended_at is null limit 1),
        'guess', l.caller_name,
        'technician', (select t.name from public.technicians t where t.id = l.technician_id)) order by l.started_at) from live l), '[]'),
    'items', coalesce((select jsonb_agg(jsonb_build_object('id', i.id, 'call_id', s.call_id, 'type', i.interaction_type,
        'content', i.content, 'data', i.data, 'at', i.created_at) order by i.id)
      from live l
      join public.voice_agent_sessions s on s.company_id = l.company_id and s.call_id = l.id
      join public.voice_agent_interactions i on i.company_id = s.company_id and i.session_id = s.id
      where i.id > live_calls.after), '[]'),
    'commands', coalesce((select jsonb_agg(jsonb_build_object('id', k.id, 'call_id', k.call_id, 'kind', k.kind, 'payload', k.payload,
        'at', k.created_at, 'claimed', k.claimed_at is not null, 'result', k.result,
        'by', (select e.name from public.memberships m join public.employees e on e.id = m.employee_id
          where m.company_id = k.company_id and m.user_id = k.created_by),
        'to', (select e.name from public.employees e where e.company_id = k.company_id and e.id::text = k.payload ->> 'employee_id'))
        order by k.created_at, k.id)
      from live l join public.call_commands k on k.company_id = l.company_id and k.call_id = l.id), '[]'))
$$;
comment on function public.live_calls(uuid, bigint) is 'Everything the console shows of the calls that are going on or ended within a minute, in one round trip; items newer than the one named. Acts with the rights of whoever asks.';

create function public.call_changes(call_id uuid) returns table (at timestamptz, kind text, about text, detail text)
language sql stable set search_path = ''
as $$
  with the_call as (
    select c.*, coalesce(c.ended_at, public.fieldline_now()) + interval '5 seconds' as until from public.call_logs c where c.id = call_changes.call_id
  )
  select x.at, x.kind, x.about, x.detail from (
    select r.clock_in_time as at, 'clock_in' as kind, 'truck ' || k.number as about, null::text as detail
    from the_call c join public.technician_clock_records r on r.company_id = c.company_id and r.technician_id = c.technician_id
      and r.clock_in_time between c.started_at and c.until
    join public.trucks k on k.id = r.truck_id
    union all
    select x.created_at, case when x.clock_out_time is null then 'clock_change' else 'clock_on' end, 'truck ' || b.number,
      case when x.clock_out_time is null then 'truck ' || a.number end
    from the_call c join public.clock_corrections x on x.company_id = c.company_id and x.call_id = c.id
    join public.trucks b on b.id = x.from_truck_id
    join public.trucks a on a.id = x.to_truck_id
    union all
    select r.clock_out_time, 'clock_out', 'truck ' || k.number, null
    from the_call c join public.technician_clock_records r on r.company_id = c.company_id and r.technician_id = c.technician_id
      and r.clock_out_time between c.started_at and c.until
    join public.trucks k on k.id = r.truck_id
    union all
    select h.created_at, 'order', 'order ' || w.number, h.field_changed || ': ' || coalesce(h.old_value, '–') || ' → ' || coalesce(h.new_value, '–')
    from the_call c join public.work_order_history h on h.company_id = c.company_id and h.changed_by_type = 'technician'
      and h.changed_by_id = c.technician_id::text and h.created_at between c.started_at and c.until and h.field_changed = 'status'
    join public.work_orders w on w.id = h.work_order_id
    union all
    select l.travel_start_time, 'travel', 'order ' || w.number, null
    from the_call c join public.travel_logs l on l.company_id = c.company_id and l.technician_id = c.technician_id
      and l.travel_start_time between c.started_at and c.until
    join public.work_orders w on w.id = l.work_order_id
    union all
    select l.travel_end_time, 'arrival', 'order ' || w.number, null
    from the_call c join public.travel_logs l on l.company_id = c.company_id and l.technician_id = c.technician_id
      and l.travel_end_time between c.started_at and c.until
    join public.work_orders w on w.id = l.work_order_id
    union all
    select n.created_at, case when n.alert_office then 'note_alert' else 'note' end, 'order ' || w.number, n.note_text
    from the_call c join public.work_order_notes n on n.company_id = c.company_id and n.technician_id = c.technician_id
      and n.created_at between c.started_at and c.until
    join public.work_orders w on w.id = n.work_order_id
    union all
    select m.created_at, 'stock', 'truck ' || k.number, m.reason || ' ' || abs(m.change) || ' × ' || i.name || ', ' || m.quantity_after || ' left'
    from the_call c join public.stock_movements m on m.company_id = c.company_id and m.technician_id = c.technician_id
      and m.created_at between c.started_at and c.until
    join public.trucks k on k.id = m.truck_id
    join public.inventory_items i on i.id = m.item_id
    union all
    select m."timestamp", 'message', 'from ' || m.from_caller, m.message_text
    from the_call c join public.messages m on m.company_id = c.company_id and m.call_id = c.id
  ) x
  order by x.at
$$;
comment on function public.call_changes(uuid) is 'Rows that a call changed: clock, travel, orders, notes, stock, messages; by the technician who proved themselves on it, while it lasted. Acts with the rights of whoever asks.';

-- What was said, by any three letters of it; a call's other items hold keys and tools.
create index voice_agent_interactions_words_idx on public.voice_agent_interactions
  using gin (content extensions.gin_trgm_ops) where interaction_type in ('user', 'agent');

create function public.find_calls(
  company_id uuid, words text, number text default null, person text default null, outcome text default null,
  since timestamptz default null, until timestamptz default null, skip integer default 0, most integer default 50
) returns jsonb
-- Planned anew each time: whether the index helps depends on the words.
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return (
    with found as (
      select c.id, c.started_at
      from public.call_logs c
      where c.company_id = find_calls.company_id and c.company_id in (select public.my_companies())
        and (find_calls.number is null or c.from_number like '%' || public._as_written(find_calls.number) || '%')
        and (find_calls.person is null or c.caller_name ilike '%' || public._as_written(find_calls.person) || '%')
        and (find_calls.outcome is null or c.status = find_calls.outcome)
        and (find_calls.since is null or c.started_at >= find_calls.since)
        and (find_calls.until is null or c.started_at < find_calls.until)
        and exists (
          select from public.voice_agent_sessions s
          join public.voice_agent_interactions i on i.company_id = s.company_id and i.session_id = s.id
          where s.company_id = c.company_id and s.call_id = c.id and i.interaction_type in ('user', 'agent')
            and i.content operator(pg_catalog.~~*) ('%' || public._as_written(find_calls.words) || '%'))
    )
    select jsonb_build_object('total', (select count(*) from found),
      'ids', (select coalesce(jsonb_agg(x.id order by x.started_at desc, x.id), '[]')
        from (select f.id, f.started_at from found f order by f.started_at desc, f.id
          limit least(greatest(find_calls.most, 1), 100) offset greatest(find_calls.skip, 0)) x)));
end $$;
comment on function public.find_calls(uuid, text, text, text, text, timestamptz, timestamptz, integer, integer) is 'Calls in which these words were said, newest first, among those that fit the other conditions: {total, ids}. For members of that company.';

create function public._as_written(words text) returns text
language sql immutable set search_path = ''
as $$ select regexp_replace(words, '([\\%_])', '\\\1', 'g') $$;
comment on function public._as_written(text) is 'Words for LIKE in which nothing is a wildcard.';

create function public.directory_now(company_id uuid, people uuid[] default '{}') returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'company', public._open_at(directory_now.company_id, null, null, public.fieldline_now()),
    'departments', (select coalesce(jsonb_object_agg(d.id, public._department_reachable(d, public.fieldline_now())), '{}')
      from public.departments d where d.company_id = directory_now.company_id),
    'employees', (select coalesce(jsonb_object_agg(e.id, public._person_reachable(e, public.fieldline_now())), '{}')
      from public.employees e where e.company_id = directory_now.company_id and e.active and e.id = any (directory_now.people)))
$$;
comment on function public.directory_now(uuid, uuid[]) is 'Who can be reached right now: the company, each department, and these people where they are active. Acts with the rights of whoever asks.';

-- The order in which people and departments are rung -------------------------------------------------------------------

create function public._moved(keys uuid[], key uuid, step integer, place integer) returns uuid[]
language sql immutable set search_path = ''
as $$
  select others.keys[:x.there - 1] || _moved.key || others.keys[x.there:]
  from (select array_remove(_moved.keys, _moved.key) as keys) others
  cross join lateral (select least(greatest(coalesce(_moved.place + 1, array_position(_moved.keys, _moved.key) + _moved.step), 1),
    cardinality(_moved.keys)) as there) x
$$;
comment on function public._moved(uuid[], uuid, integer, integer) is 'A list with one of it some steps further down, or at a place counted from 0; kept within the list.';

create function public.move_employee(id uuid, step integer default 0, place integer default null) returns void
language plpgsql set search_path = ''
as $$
declare
  person public.employees;
  line uuid[];
begin
  select e.* into person from public.employees e where e.id = move_employee.id;
  -- One at a time in a department: two who move people at once must not mix their orders.
  perform pg_advisory_xact_lock(hashtextextended(coalesce(person.department_id, person.company_id)::text, 0));
  line := array(select e.id from public.employees e
    where e.company_id = person.company_id and e.department_id is not distinct from person.department_id
    order by e.routing_priority, e.name, e.id);
  update public.employees e set routing_priority = o.number * 10
    from unnest(public._moved(line, person.id, move_employee.step, move_employee.place)) with ordinality o (id, number)
    where e.id = o.id and e.routing_priority is distinct from o.number * 10;
end $$;
comment on function public.move_employee(uuid, integer, integer) is 'Somebody earlier or later in the order of their department, by steps or to a place counted from 0. Acts with the rights of whoever asks.';

create function public.move_department(id uuid, step integer default 0, place integer default null) returns void
language plpgsql set search_path = ''
as $$
declare
  part public.departments;
  line uuid[];
begin
  select d.* into part from public.departments d where d.id = move_department.id;
  perform pg_advisory_xact_lock(hashtextextended(part.company_id::text, 1));
  line := array(select d.id from public.departments d where d.company_id = part.company_id
    order by d.routing_priority, d.name, d.id);
  update public.departments d set routing_priority = o.number * 10
    from unnest(public._moved(line, part.id, move_department.step, move_department.place)) with ordinality o (id, number)
    where d.id = o.id and d.routing_priority is distinct from o.number * 10;
end $$;
comment on function public.move_department(uuid, integer, integer) is 'A department earlier or later among the company''s, as move_employee.';

-- Grants and row level security --------------------------------------------------------------------------------------

alter table public.call_commands enable row level security;
revoke all on public.call_commands from anon, authenticated;
grant select on public.call_commands to authenticated;
grant insert (company_id, call_id, kind, payload) on public.call_commands to authenticated;
create policy "Members see what the office told the agent" on public.call_commands
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers command live calls" on public.call_commands
  for insert to authenticated with check (company_id in (select public.my_companies('dispatcher')));

revoke execute on all functions in schema public from public, anon;
grant execute on function
  public.claim_call_commands(uuid), public.settle_call_command(uuid, jsonb), public.live_calls(uuid, bigint), public.call_changes(uuid),
  public.find_calls(uuid, text, text, text, text, timestamptz, timestamptz, integer, integer),
  public.directory_now(uuid, uuid[]), public._moved(uuid[], uuid, integer, integer),
  public.move_employee(uuid, integer, integer), public.move_department(uuid, integer, integer)
to authenticated;

-- Realtime -----------------------------------------------------------------------------------------------------------

-- What live_calls reads, where the Supabase has Realtime. Whoever listens sees the rows that their policies let them read.
do $$
declare
  name text;
begin
  -- A publication for all tables has these, and takes none by name.
  if not exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables) then
    return;
  end if;
  foreach name in array array['call_logs', 'voice_agent_interactions', 'transfers', 'call_commands'] loop
    if not exists (select from pg_publication_tables
        where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = name) then
      execute format('alter publication supabase_realtime add table public.%I', name);
    end if;
  end loop;
exception when insufficient_privilege then
  -- The console polls without it; its owner may add the tables later.
  raise notice 'supabase_realtime belongs to somebody else: live calls come by polling';
end $$;
