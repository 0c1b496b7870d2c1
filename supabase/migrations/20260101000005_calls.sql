-- Calls: the spine. One row per call, one session per job that served it, one interaction per thing said or done.
--
-- The row is opened when the call reaches the worker and closed once, whatever ended it; a worker that dies leaves an
-- open row, and the next job in the same room goes on with it. The dialled number decides the company, the caller's
-- number only a guess: who a call speaks for (`technician_id`) is written by `verify_pin` alone.
--
-- Security definer, and why: the line's account has no table grants, so every line function works with the owner's
-- rights, after asking _line_account() who is calling:
--   call_open, call_append, call_close, worker_beat
--   _line_call, _line_technician     the same for the functions that use them; they name the person behind a call
--   _one_person_per_phone            must see people whom the acting user may not

create table public.call_logs (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  direction text not null default 'inbound' check (direction in ('inbound', 'outbound')),
  line text not null check (line in ('technician', 'reception', 'outbound')),
  from_number varchar(16) check (from_number ~ '^\+[1-9][0-9]{6,14}$'),
  to_number varchar(16) not null check (to_number ~ '^\+[1-9][0-9]{6,14}$'),
  room text not null constraint call_logs_room_key unique,
  sip_call_id text,
  caller_name varchar(255),
  employee_id uuid,
  customer_id bigint,
  technician_id bigint,
  verified_at timestamptz,
  started_at timestamptz not null default public.fieldline_now(),
  ended_at timestamptz check (ended_at >= started_at),
  duration interval generated always as (ended_at - started_at) stored,
  last_activity_at timestamptz not null default public.fieldline_now(),
  claimed_at timestamptz,
  status varchar(20) not null default 'in_progress'
    check (status in ('in_progress', 'completed', 'transferred', 'message_taken', 'missed', 'failed')),
  end_reason text check (end_reason in ('caller_hung_up', 'agent_goodbye', 'silence', 'max_length', 'loop', 'unknown_number',
    'locked_out', 'worker_lost', 'error', 'ended_by_office')),
  summary text,
  recording_url text,
  usage jsonb not null default '{}',
  unique (company_id, id),
  foreign key (company_id, employee_id) references public.employees (company_id, id) on delete restrict,
  foreign key (company_id, customer_id) references public.customers (company_id, id) on delete restrict,
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict,
  constraint call_logs_ended_is_settled check ((status = 'in_progress') = (ended_at is null)),
  constraint call_logs_verified_is_dated check ((technician_id is null) = (verified_at is null))
);
comment on table public.call_logs is 'One row per call. Written at the start, settled once at the end.';
comment on column public.call_logs.from_number is 'Null when the caller withheld it.';
comment on column public.call_logs.caller_name is 'Who the caller''s number suggests; a guess until technician_id is set.';
comment on column public.call_logs.employee_id is 'The employee whose number it is, or who took the call.';
comment on column public.call_logs.technician_id is 'Who proved themselves by badge and PIN on this call.';
comment on column public.call_logs.last_activity_at is 'Moves with every turn: a call that stands still was lost.';
comment on column public.call_logs.claimed_at is 'When a living worker last took over this call from a dead one.';
comment on column public.call_logs.usage is 'What the call cost: seconds, characters, tokens.';
create index call_logs_started_idx on public.call_logs (company_id, started_at desc);
create index call_logs_from_idx on public.call_logs (company_id, from_number);
create index call_logs_employee_idx on public.call_logs (company_id, employee_id);
create index call_logs_customer_idx on public.call_logs (company_id, customer_id);
create index call_logs_technician_idx on public.call_logs (company_id, technician_id);
create index call_logs_open_idx on public.call_logs (company_id) where status = 'in_progress';

create view public.call_history with (security_invoker = true) as
  select l.id, l.company_id, l.from_number as caller_phone, l.caller_name, l.employee_id, l.started_at as "timestamp",
    l.duration, l.status, l.recording_url
  from public.call_logs l;
comment on view public.call_history is 'call_logs under the names of the first specification; it obeys the reader''s row level security.';

create table public.voice_agent_sessions (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid not null,
  technician_id bigint,
  work_order_id bigint,
  worker text,
  job text,
  session_start timestamptz not null default public.fieldline_now(),
  session_end timestamptz check (session_end >= session_start),
  is_active boolean not null default true,
  unique (company_id, id),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete restrict,
  foreign key (company_id, technician_id) references public.technicians (company_id, id) on delete restrict,
  foreign key (company_id, work_order_id) references public.work_orders (company_id, id) on delete set null (work_order_id),
  constraint voice_agent_sessions_ended check (is_active = (session_end is null))
);
comment on table public.voice_agent_sessions is 'Each job that served a call; a call that was resumed has two.';
comment on column public.voice_agent_sessions.work_order_id is 'The last order the call worked on; null again once that order is archived.';
create index voice_agent_sessions_call_idx on public.voice_agent_sessions (company_id, call_id);
create index voice_agent_sessions_technician_idx on public.voice_agent_sessions (company_id, technician_id);
create index voice_agent_sessions_order_idx on public.voice_agent_sessions (company_id, work_order_id);
create unique index voice_agent_sessions_active_key on public.voice_agent_sessions (call_id) where is_active;

create table public.voice_agent_interactions (
  id bigint generated always as identity primary key check (id >= 1),
  company_id uuid not null references public.companies (id) on delete restrict,
  session_id uuid not null,
  sequence integer not null check (sequence >= 0),
  interaction_type varchar(50) not null
    check (interaction_type in ('user', 'agent', 'tool_call', 'tool_result', 'key', 'event')),
  content text not null default '',
  data jsonb not null default '{}',
  created_at timestamptz not null default public.fieldline_now(),
  constraint voice_agent_interactions_once unique (session_id, sequence),
  foreign key (company_id, session_id) references public.voice_agent_sessions (company_id, id) on delete restrict
);
comment on table public.voice_agent_interactions is 'Every turn, tool call and keypress of a session, in order. Keys of a badge or PIN are stored as dots.';
create index voice_agent_interactions_session_idx on public.voice_agent_interactions (company_id, session_id);

create table public.messages (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id) on delete restrict,
  call_id uuid,
  from_caller varchar(255) not null,
  to_employee_id uuid,
  to_department_id uuid,
  message_text text not null check (char_length(btrim(message_text)) > 0),
  best_effort boolean not null default false,
  audio_path text,
  delivered_via text[] not null default '{}' check (delivered_via <@ array['sms', 'email', 'call']),
  "timestamp" timestamptz not null default public.fieldline_now(),
  status varchar(20) not null default 'pending' check (status in ('pending', 'delivered', 'failed', 'read')),
  foreign key (company_id, call_id) references public.call_logs (company_id, id) on delete restrict,
  foreign key (company_id, to_employee_id) references public.employees (company_id, id) on delete restrict,
  foreign key (company_id, to_department_id) references public.departments (company_id, id) on delete restrict
);
comment on table public.messages is 'What callers left for somebody of the office.';
comment on column public.messages.best_effort is 'The words are a guess of the offline ears; the sound is at audio_path.';
create index messages_company_idx on public.messages (company_id, "timestamp" desc);
create index messages_call_idx on public.messages (company_id, call_id);
create index messages_employee_idx on public.messages (company_id, to_employee_id);
create index messages_department_idx on public.messages (company_id, to_department_id);

create table public.unrouted_calls (
  room text primary key,
  from_number text,
  to_number text not null,
  sip_call_id text,
  created_at timestamptz not null default public.fieldline_now()
);
comment on table public.unrouted_calls is 'Calls to numbers that belong to no company: a trunk points here that nobody set up, or somebody is trying numbers.';

create table public.workers (
  worker text primary key,
  rooms text[] not null default '{}',
  load real not null default 0,
  started_at timestamptz not null default public.fieldline_now(),
  last_beat_at timestamptz not null default public.fieldline_now()
);
comment on table public.workers is 'One heartbeat row per voice worker, with the rooms that it serves.';

-- One phone, one person ----------------------------------------------------------------------------------------------

create function public._one_person_per_phone() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if not new.active or new.phone is null then
    return new;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(new.company_id::text || new.phone, 0));
  if exists (
    select from public.technicians t
    join public.employees e on e.company_id = t.company_id and e.phone = t.phone
    where t.company_id = new.company_id and t.phone = new.phone and t.active and e.active and t.employee_id is distinct from e.id
  ) then
    perform public._refuse('FL072', 'phone_taken', jsonb_build_object('phone', new.phone),
      'That number already belongs to somebody else in the company.');
  end if;
  return new;
end $$;
comment on function public._one_person_per_phone() is 'A number belongs to one active person of a company; a technician who is also an employee is one person.';
create trigger employees_one_phone after insert or update of phone, active on public.employees
  for each row execute function public._one_person_per_phone();
create trigger technicians_one_phone after insert or update of phone, active, employee_id on public.technicians
  for each row execute function public._one_person_per_phone();

-- Whose call is this? ------------------------------------------------------------------------------------------------

create type public.line_identity as (
  call_id uuid,
  session_id uuid,
  company_id uuid,
  zone text,
  from_number text,
  technician_id bigint,
  technician_name text,
  first_name text,
  badge text
);
comment on type public.line_identity is 'What the database knows about a call: the company, and the technician who proved themselves on it, if any.';

create function public._line_call(call_id uuid) returns public.line_identity
language plpgsql stable security definer set search_path = ''
as $$
declare
  call public.call_logs;
  who public.line_identity;
begin
  perform public._line_account();
  select c.* into call from public.call_logs c where c.id = _line_call.call_id;
  if not found then
    perform public._refuse('FL002', 'call_unknown', '{}', 'I have lost track of this call. Please call again.');
  elsif call.status <> 'in_progress' then
    perform public._refuse('FL003', 'call_closed', jsonb_build_object('end_reason', call.end_reason),
      'This call has already ended. Please call again.');
  end if;
  who.call_id := call.id;
  who.company_id := call.company_id;
  who.zone := public._company_zone(call.company_id);
  who.from_number := call.from_number;
  who.session_id := (select s.id from public.voice_agent_sessions s where s.call_id = call.id and s.is_active);
  if call.technician_id is not null then
    select t.id, t.name, split_part(t.name, ' ', 1), t.badge
      into who.technician_id, who.technician_name, who.first_name, who.badge
      from public.technicians t where t.id = call.technician_id;
  end if;
  return who;
end $$;
comment on function public._line_call(uuid) is 'First line of the line functions: checks the account, finds the open call, returns what it has proved to be. Refuses forged and closed calls.';

create function public._line_technician(call_id uuid) returns public.line_identity
language plpgsql volatile security definer set search_path = ''
as $$
declare
  who public.line_identity := public._line_call(_line_technician.call_id);
begin
  if who.technician_id is null then
    perform public._refuse('FL004', 'not_verified', '{}', 'I need your badge number and PIN for that.');
  elsif not exists (select from public.technicians t where t.id = who.technician_id and t.active) then
    perform public._refuse('FL005', 'person_inactive', jsonb_build_object('name', who.technician_name),
      'Your badge is not active. Please ask the office.');
  end if;
  perform public._act_as('technician', who.technician_id::text);
  return who;
end $$;
comment on function public._line_technician(uuid) is 'As _line_call, for what only a technician may do: demands one who proved themselves on this call and is still active, and names them as the actor.';

-- The life of a call -------------------------------------------------------------------------------------------------

create function public._guess_caller(company_id uuid, number text) returns jsonb
language sql stable set search_path = ''
as $$
  select g.guess from (
    select 1 as rank, 0 as id, jsonb_build_object('kind', 'technician', 'id', t.id, 'name', t.name,
      'first_name', split_part(t.name, ' ', 1), 'badge', t.badge) as guess
    from public.technicians t where t.company_id = _guess_caller.company_id and t.phone = number and t.active
    union all
    select 2, 0, jsonb_build_object('kind', 'employee', 'id', e.id, 'name', e.name, 'first_name', split_part(e.name, ' ', 1))
    from public.employees e where e.company_id = _guess_caller.company_id and e.phone = number and e.active
    union all
    select 3, c.id, jsonb_build_object('kind', 'customer', 'id', c.id, 'name', c.name, 'first_name', null)
    from public.customers c where c.company_id = _guess_caller.company_id and c.phone = number
  ) g
  order by g.rank, g.id
  limit 1
$$;
comment on function public._guess_caller(uuid, text) is 'Who of a company calls from this number, or null: technician before employee before customer.';

create function public._vocabulary(company_id uuid) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'people', (select coalesce(jsonb_agg(distinct n.name), '[]') from (
      (select t.name from public.technicians t where t.company_id = _vocabulary.company_id and t.active order by t.id limit 300)
      union all
      (select e.name from public.employees e where e.company_id = _vocabulary.company_id and e.active order by e.name limit 300)) n),
    'customers', (select coalesce(jsonb_agg(c.name), '[]') from (
      select x.name from public.customers x where x.company_id = _vocabulary.company_id order by x.id desc limit 300) c),
    'parts', (select coalesce(jsonb_agg(p.name), '[]') from (
      select i.name from public.inventory_items i where i.company_id = _vocabulary.company_id order by i.id limit 500) p),
    'aliases', (select coalesce(jsonb_agg(a.alias), '[]') from (
      select x.alias from public.item_aliases x where x.company_id = _vocabulary.company_id order by x.alias limit 1000) a),
    'trucks', (select coalesce(jsonb_agg(t.number::text), '[]') from (
      select x.number from public.trucks x where x.company_id = _vocabulary.company_id and x.active order by x.number limit 300) t))
$$;
comment on function public._vocabulary(uuid) is 'The names that callers of a company say, for the ears. Capped: a longer list makes ears worse, not better.';

create function public._start_session(call public.call_logs, worker text, job text) returns uuid
language plpgsql set search_path = ''
as $$
declare
  session_id uuid;
begin
  update public.voice_agent_sessions s set is_active = false, session_end = greatest(public.fieldline_now(), s.session_start)
    where s.call_id = call.id and s.is_active;
  insert into public.voice_agent_sessions (company_id, call_id, technician_id, worker, job)
    values (call.company_id, call.id, call.technician_id, _start_session.worker, _start_session.job)
    returning id into session_id;
  update public.call_logs c set last_activity_at = public.fieldline_now() where c.id = call.id;
  return session_id;
end $$;
comment on function public._start_session(public.call_logs, text, text) is 'Ends the call''s running session, if any, and starts the next.';

create function public._call_facts(call public.call_logs) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'call_id', call.id,
    'line', call.line,
    'withheld', call.from_number is null,
    'guess', public._guess_caller(call.company_id, call.from_number) - 'id',
    'verified', (select jsonb_build_object('name', t.name, 'first_name', split_part(t.name, ' ', 1), 'badge', t.badge)
      from public.technicians t where t.id = call.technician_id),
    'company', (select jsonb_build_object(
        'name', i.company_name, 'greeting', i.greeting_message, 'timezone', i.timezone,
        'language', coalesce(i.settings #>> '{languages,0}', 'en'),
        'settings', jsonb_build_object('recording', false, 'transfer_ring_seconds', 25, 'max_call_minutes', 30,
          'languages', jsonb_build_array('en')) || i.settings,
        'now', public.fieldline_now())
      from public.company_info i where i.company_id = call.company_id),
    -- Five minutes without a turn: that call was cut off, whatever its row says.
    'other_call_open', exists (
      select from public.call_logs o
      where o.company_id = call.company_id and o.id <> call.id and o.status = 'in_progress'
        and o.from_number = call.from_number and o.last_activity_at > public.fieldline_now() - interval '5 minutes'),
    'vocabulary', public._vocabulary(call.company_id))
$$;
comment on function public._call_facts(public.call_logs) is 'What the worker needs to know to answer a call.';

create function public.call_open(
  room text, from_number text, to_number text, sip_call_id text default null, worker text default null, job text default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  caller text := case when call_open.from_number ~ '^\+[1-9][0-9]{6,14}$' then call_open.from_number end;
  company uuid;
  call public.call_logs;
  guess jsonb;
  resumed boolean := false;
begin
  perform public._line_account();
  select n.company_id into company from public.phone_numbers n where n.number = call_open.to_number and n.active;
  if company is null then
    insert into public.unrouted_calls (room, from_number, to_number, sip_call_id)
      values (call_open.room, call_open.from_number, coalesce(call_open.to_number, ''), call_open.sip_call_id)
      on conflict on constraint unrouted_calls_pkey do nothing;
    return jsonb_build_object('unknown_number', true, 'to_number', call_open.to_number);
  end if;
  guess := public._guess_caller(company, caller);
  insert into public.call_logs (company_id, line, from_number, to_number, room, sip_call_id, caller_name, employee_id, customer_id)
    values (company, case when guess ->> 'kind' = 'technician' then 'technician' else 'reception' end, caller, call_open.to_number,
      call_open.room, call_open.sip_call_id, guess ->> 'name',
      case when guess ->> 'kind' = 'employee' then (guess ->> 'id')::uuid end,
      case when guess ->> 'kind' = 'customer' then (guess ->> 'id')::bigint end)
    on conflict on constraint call_logs_room_key do nothing
    returning * into call;
  if call.id is null then
    -- Two jobs for one room queue here; the later one is the one that talks.
    select c.* into call from public.call_logs c where c.room = call_open.room for update;
    if call.status <> 'in_progress' or call.company_id <> company then
      perform public._refuse('FL003', 'call_closed', jsonb_build_object('end_reason', call.end_reason),
        'This call has already ended. Please call again.');
    end if;
    resumed := true;
  end if;
  return public._call_facts(call) || jsonb_build_object(
    'session_id', public._start_session(call, call_open.worker, call_open.job),
    'resumed', resumed,
    'next_sequence', 1);
end $$;
comment on function public.call_open(text, text, text, text, text, text) is 'A call has come in: makes its row and session, or resumes them when the room is known. A dialled number that belongs to nobody gives {"unknown_number": true}.';

create function public.call_append(call_id uuid, session_id uuid, items jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  session public.voice_agent_sessions;
  stored integer;
begin
  perform public._line_account();
  -- A closed call is welcome here: what its worker had not yet sent is shipped afterwards, by another.
  select s.* into session from public.voice_agent_sessions s
    where s.id = call_append.session_id and s.call_id = call_append.call_id
      and s.session_start > public.fieldline_now() - interval '7 days';
  if not found then
    perform public._refuse('FL002', 'call_unknown', '{}', 'I have lost track of this call. Please call again.');
  end if;
  insert into public.voice_agent_interactions (company_id, session_id, sequence, interaction_type, content, data, created_at)
    select session.company_id, session.id, i.sequence, i.type, left(coalesce(i.content, ''), 20000), coalesce(i.data, '{}'),
      coalesce(i.at, public.fieldline_now())
    from jsonb_to_recordset(call_append.items) as i (sequence integer, type text, content text, data jsonb, at timestamptz)
    on conflict on constraint voice_agent_interactions_once do nothing;
  get diagnostics stored = row_count;
  update public.call_logs c set last_activity_at = public.fieldline_now() where c.id = session.call_id and c.status = 'in_progress';
  return jsonb_build_object('stored', stored);
end $$;
comment on function public.call_append(uuid, uuid, jsonb) is 'Keeps a batch of interactions. An item that is there already (session and sequence) is left alone, so a batch may be sent again.';

create function public.call_close(call_id uuid, status text, end_reason text, summary text default null, usage jsonb default '{}')
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  call public.call_logs;
begin
  perform public._line_account();
  select c.* into call from public.call_logs c where c.id = call_close.call_id for update;
  if not found then
    perform public._refuse('FL002', 'call_unknown', '{}', 'I have lost track of this call. Please call again.');
  end if;
  if call.status = 'in_progress' then
    update public.call_logs c set
      status = call_close.status,
      end_reason = call_close.end_reason,
      summary = left(call_close.summary, 4000),
      usage = coalesce(call_close.usage, '{}'),
      ended_at = greatest(public.fieldline_now(), c.started_at),
      last_activity_at = public.fieldline_now()
      where c.id = call.id returning c.* into call;
    update public.voice_agent_sessions s set is_active = false, session_end = greatest(public.fieldline_now(), s.session_start)
      where s.call_id = call.id and s.is_active;
  end if;
  return jsonb_build_object('status', call.status, 'end_reason', call.end_reason,
    'duration_seconds', round(extract(epoch from call.duration))::integer);
end $$;
comment on function public.call_close(uuid, text, text, text, jsonb) is 'Settles a call. The first close counts; later ones are told what it said.';

create function public._on_job(session_id uuid, work_order_id bigint) returns void
language sql set search_path = ''
as $$ update public.voice_agent_sessions s set work_order_id = _on_job.work_order_id where s.id = _on_job.session_id $$;
comment on function public._on_job(uuid, bigint) is 'Notes the order that a session is working on.';

-- Workers ------------------------------------------------------------------------------------------------------------

create function public.worker_beat(worker text, rooms text[], load real) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  moment timestamptz := public.fieldline_now();
  lost jsonb;
begin
  perform public._line_account();
  insert into public.workers as w (worker, rooms, load)
    values (worker_beat.worker, coalesce(worker_beat.rooms, '{}'), coalesce(worker_beat.load, 0))
    on conflict on constraint workers_pkey do update
      set rooms = excluded.rooms, load = excluded.load, last_beat_at = moment;
  delete from public.workers w where w.last_beat_at < moment - interval '1 day';
  -- A call is lost when its worker has been silent for five seconds, or is alive and no longer serves the room. One
  -- that no worker ever claimed as its own (a text call) is lost after an hour. Whoever reads of it here has it for
  -- ten seconds: two living workers never rescue the same call.
  with found as (
    select c.id from public.call_logs c
    join public.voice_agent_sessions s on s.call_id = c.id and s.is_active
    where c.status = 'in_progress'
      and s.session_start < moment - interval '5 seconds'
      and (c.claimed_at is null or c.claimed_at < moment - interval '10 seconds')
      and case when s.worker is null then c.last_activity_at < moment - interval '1 hour'
        else not exists (select from public.workers w where w.worker = s.worker and c.room = any (w.rooms)
          and w.last_beat_at > moment - interval '5 seconds') end
    for update of c skip locked
  ), claimed as (
    update public.call_logs c set claimed_at = moment from found where c.id = found.id
    returning c.id, c.room, c.from_number, c.to_number
  )
  select coalesce(jsonb_agg(jsonb_build_object('call_id', k.id, 'room', k.room, 'from_number', k.from_number, 'to_number', k.to_number)), '[]')
    into lost from claimed k;
  return jsonb_build_object('now', moment, 'lost', lost);
end $$;
comment on function public.worker_beat(text, text[], real) is 'A worker is alive and serves these rooms. Answers with the calls that another worker has lost, which are now the asker''s to rescue.';

-- Grants and row level security --------------------------------------------------------------------------------------

grant execute on function
  public.call_open(text, text, text, text, text, text), public.call_append(uuid, uuid, jsonb),
  public.call_close(uuid, text, text, text, jsonb), public.worker_beat(text, text[], real)
to authenticated;

alter table public.call_logs enable row level security;
revoke all on public.call_logs, public.call_history from anon, authenticated;
grant select on public.call_logs, public.call_history to authenticated;
create policy "Members read their company's calls" on public.call_logs
  for select to authenticated using (company_id in (select public.my_companies()));

alter table public.voice_agent_sessions enable row level security;
revoke all on public.voice_agent_sessions from anon, authenticated;
grant select on public.voice_agent_sessions to authenticated;
create policy "Members read their company's sessions" on public.voice_agent_sessions
  for select to authenticated using (company_id in (select public.my_companies()));

alter table public.voice_agent_interactions enable row level security;
revoke all on public.voice_agent_interactions from anon, authenticated;
grant select on public.voice_agent_interactions to authenticated;
create policy "Members read their company's transcripts" on public.voice_agent_interactions
  for select to authenticated using (company_id in (select public.my_companies()));

alter table public.messages enable row level security;
revoke all on public.messages from anon, authenticated;
grant select on public.messages to authenticated;
grant update (status) on public.messages to authenticated;
create policy "Members read their company's messages" on public.messages
  for select to authenticated using (company_id in (select public.my_companies()));
create policy "Dispatchers mark messages" on public.messages
  for update to authenticated using (company_id in (select public.my_companies('dispatcher'))) with check (company_id in (select public.my_companies('dispatcher')));

alter table public.unrouted_calls enable row level security;
revoke all on public.unrouted_calls from anon, authenticated;
alter table public.workers enable row level security;
revoke all on public.workers from anon, authenticated;

revoke execute on all functions in schema public from public, anon;
