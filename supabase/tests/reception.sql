-- Reception: only what anybody may know, found by how it sounds, through indexes; nothing crosses to another company.
begin;
select tests.plan(24);
select tests.clock('2026-03-04 09:00 America/New_York');
create temporary table calls as select tests.call('+12025550199') as ours, tests.call('+12025550199', null, null, '+12025550190') as theirs;
select tests.act_as_owner();
grant select on calls to public;
create function pg_temp.names(heard text, department text default null) returns text language sql volatile as $$
  select string_agg(m.value ->> 'name', ', ' order by m.n) from jsonb_array_elements(
    public.find_person((select ours from calls), names.heard, names.department) -> 'matches') with ordinality m (value, n) $$;

-- Ten thousand people more, of whom a few are asked for
select tests.act_as_owner();
insert into public.employees (company_id, name, phone, email, office, roles)
select tests.northgate(), format('%s %s', first, last), '+1303' || lpad((row_number() over ())::text, 7, '0'), format('p%s@big.example', row_number() over ()),
  'Office ' || (row_number() over ()) % 9, array['role' || (row_number() over ()) % 50]
from (select chr(65 + n % 26) || substr(md5('first' || n), 1, 5) as first from generate_series(1, 100) n) f,
  (select chr(65 + n % 26) || substr(md5('last' || n), 1, 6) as last from generate_series(1, 100) n) l;
insert into public.employees (company_id, name, phone, email, roles) values
  (tests.northgate(), 'Sarah Williams-Ortega', '+12025550171', 's.w@northgate.example', '{}'),
  (tests.northgate(), 'David Chen', '+12025550172', 'd.c@northgate.example', '{}'),
  (tests.northgate(), 'José Núñez', '+12025550173', 'j.n@northgate.example', '{}'),
  (tests.northgate(), 'Sean O''Brien', '+12025550174', 's.o@northgate.example', '{alarms}'),
  (tests.northgate(), 'Katherine Meyer', '+12025550175', 'k.m@northgate.example', '{}'),
  (tests.harbor(), 'Wilhelmina Quist', '+12025550176', 'w.q@harbor.example', '{}');
analyze public.employees;
select tests.act_as('the line');

select tests.equal('a name as it was heard, in the office and on the road', pg_temp.names('Sara Wiliams'), 'Sarah Williams-Ortega, Sarah Williams');
select tests.equal('a surname with a title', pg_temp.names('Mister Chen, please'), 'David Chen, David Chen');
select tests.equal('a technician alone', pg_temp.names('Alex Rodrigez'), 'Alex Rodriguez');
select tests.equal('a name by its sound', pg_temp.names('Catharine Maier'), 'Katherine Meyer');
select tests.equal('without its accents', pg_temp.names('jose nunez'), 'José Núñez');
select tests.equal('without its apostrophe', pg_temp.names('Shawn OBrien'), 'Sean O''Brien');
select tests.equal('a department', pg_temp.names('somebody in billing'), 'Billing');
select tests.equal('a department as it was heard', pg_temp.names('dispach'), 'Dispatch');
select tests.equal('a department by what it does', pg_temp.names('somebody who handles invoices'), 'Billing');
select tests.equal('a role', pg_temp.names('whoever does cameras'), 'Nina Patel');
select tests.equal('a name within a department', pg_temp.names('Karin', 'dispatch'), 'Karen Miller');
select tests.equal('a department alone', pg_temp.names('', 'sales'), 'Sales');
select tests.refused('nobody of that name', $$select pg_temp.names('Zebulon Pfx')$$, 'FL081');
select tests.refused('not in that department', $$select pg_temp.names('Nina', 'billing')$$, 'FL081');
select tests.refused('no such department', $$select pg_temp.names('Nina', 'rockets')$$, 'FL083');
select tests.refused('nobody of another company', $$select pg_temp.names('Wilhelmina Quist')$$, 'FL081');
select tests.refused('nobody was named', $$select pg_temp.names('  ')$$, 'FL040');

select tests.holds('no telephone number and no address is in any answer',
  not exists (
    select from (values ('Sara Wiliams'), ('cameras'), ('billing'), ('Karen'), ('Washington')) h (heard)
    cross join lateral public.find_person((select ours from calls), h.heard) f
    where f::text ~ '@|[0-9]{6}'));

-- People who left are not found
select tests.act_as_owner();
update public.employees set active = false where name = 'David Chen';
select tests.act_as('the line');
select tests.holds('who left is not found', (
  select f -> 'matches' @> '[{"kind": "technician"}]' and not f -> 'matches' @> '[{"kind": "employee", "name": "David Chen"}]'
  from public.find_person((select ours from calls), 'David Chen') f));

-- Indexes
select tests.act_as_owner();
create function pg_temp.plan_of(query text) returns text language plpgsql as $$
declare line text; plan text := '';
begin
  for line in execute 'explain (costs off) ' || query loop plan := plan || line || ' '; end loop;
  return plan;
end $$;
select tests.holds('letters are looked up in an index',
  pg_temp.plan_of($$select id from public.employees e where e.spoken operator(extensions.%>) 'wiliams'$$) ~ 'employees_spoken_idx');
select tests.holds('sounds are looked up in an index',
  pg_temp.plan_of($$select id from public.employees e where e.sounds && public._sounds('wiliams')$$) ~ 'employees_sounds_idx');

-- What a call may tell
select tests.act_as('the line');
select tests.equal('hours are the company''s of the call',
  public.company_facts((select ours from calls), 'opening hours') ->> 'closes_at', '2026-03-04T21:00:00Z');
select tests.equal('and the other company''s of a call to it',
  public.company_facts((select theirs from calls)) -> 'topics', '["hours", "holidays"]'::jsonb);
select tests.act_as('Ana');
select tests.refused('the office has no need of it', format($$select public.find_person(%L, 'Karen')$$, gen_random_uuid()), 'FL001');
select tests.done();
rollback;
