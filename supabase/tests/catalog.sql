-- House rules, read from the catalog: what every table, key, policy and function of ours has, so that the next one has it too.
begin;
select tests.plan(26);

-- The few tables that belong to no company
create function pg_temp.platform() returns text[] language sql as $$
  select array['companies', 'deployment', 'line_accounts', 'request_keys', 'unrouted_calls', 'workers'] $$;
create view pg_temp.our_tables as
  select c.oid, c.relname::text as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p');
create view pg_temp.our_functions as
  select p.*, p.oid::regprocedure::text as signature from pg_proc p
  where p.pronamespace = 'public'::regnamespace
    and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e');
create view pg_temp.our_keys as
  select k.oid, k.conname, k.conrelid, k.confrelid, k.conkey, k.conrelid::regclass::text || '.' || k.conname as name,
    (select array_agg(a.attname::text order by o.n) from unnest(k.conkey) with ordinality o (num, n)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = o.num) as columns
  from pg_constraint k where k.contype = 'f' and k.connamespace = 'public'::regnamespace;

-- Tables
select tests.equal('every table has row level security',
  (select array_agg(t.name) from pg_temp.our_tables t join pg_class c using (oid) where not c.relrowsecurity), null);
select tests.equal('every table says what it is for',
  (select array_agg(t.name) from pg_temp.our_tables t where coalesce(obj_description(t.oid, 'pg_class'), '') = ''), null);
select tests.equal('every table carries company_id, not null, but the named ones of the platform',
  (select array_agg(t.name) from pg_temp.our_tables t
    where t.name <> all (pg_temp.platform())
      and not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'company_id' and a.attnotnull)), null);
select tests.equal('and company_id is a company''s',
  (select array_agg(t.name) from pg_temp.our_tables t
    where t.name <> all (pg_temp.platform())
      and not exists (select from pg_temp.our_keys k where k.conrelid = t.oid and k.confrelid = 'public.companies'::regclass
        and k.columns = array['company_id'])), null);
select tests.equal('a key between two tables of a company carries the company',
  (select array_agg(k.name) from pg_temp.our_keys k
    join pg_temp.our_tables there on there.oid = k.confrelid and there.name <> all (pg_temp.platform())
    where not 'company_id' = any (k.columns)), null);
select tests.equal('every foreign key has an index that begins with its columns',
  (select array_agg(k.name) from pg_temp.our_keys k
    where not exists (
      select from pg_index i where i.indrelid = k.conrelid and i.indpred is null
        and (select array_agg(x) from (select unnest(i.indkey::int2[]) as x limit cardinality(k.conkey)) head) @> k.conkey)), null);
select tests.equal('integer keys begin at 1',
  (select array_agg(t.name) from pg_temp.our_tables t
    join pg_attribute a on a.attrelid = t.oid and a.attname = 'id' and a.atttypid = 'bigint'::regtype
    where t.name not like '%\_archive' and not exists (
      select from pg_constraint c where c.conrelid = t.oid and c.contype = 'c' and pg_get_constraintdef(c.oid) ~ '\(id >= 1\)')), null);
select tests.equal('updated_at is kept by a trigger',
  (select array_agg(t.name) from pg_temp.our_tables t
    join pg_attribute a on a.attrelid = t.oid and a.attname = 'updated_at'
    where t.name not like '%\_archive' and not exists (
      select from pg_trigger g where g.tgrelid = t.oid and g.tgfoid = 'public._touch_updated_at()'::regprocedure)), null);
select tests.equal('times have a zone',
  (select array_agg(t.name || '.' || a.attname) from pg_temp.our_tables t
    join pg_attribute a on a.attrelid = t.oid and a.atttypid = 'timestamp'::regtype), null);
select tests.equal('an archive keeps every column of its source',
  (select array_agg(s.name || '.' || a.attname) from pg_temp.our_tables s
    join pg_temp.our_tables r on r.name = s.name || '_archive'
    join pg_attribute a on a.attrelid = s.oid and a.attnum > 0 and not a.attisdropped
    where not exists (select from pg_attribute b where b.attrelid = r.oid and b.attname = a.attname and b.atttypid = a.atttypid)), null);
select tests.equal('a view obeys its reader',
  (select array_agg(c.relname::text) from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'
    and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']), null);

-- Policies
select tests.equal('every policy is for one command and for signed-in users',
  (select array_agg(p.tablename || ': ' || p.policyname) from pg_policies p
    where p.schemaname = 'public' and (p.cmd = 'ALL' or p.roles <> array['authenticated']::name[])), null);
select tests.equal('one policy per table and command',
  (select array_agg(d.x) from (select p.tablename || ' ' || p.cmd as x from pg_policies p where p.schemaname = 'public'
    group by 1 having count(*) > 1) d), null);
select tests.equal('every policy''s name is a sentence',
  (select array_agg(p.policyname::text) from pg_policies p where p.schemaname = 'public' and p.policyname !~ '^[A-Z][a-z]+ .* ?.+'), null);
select tests.equal('every policy asks my_companies',
  (select array_agg(p.policyname::text) from pg_policies p where p.schemaname = 'public'
    and (coalesce(p.qual, '') || coalesce(p.with_check, '')) !~ 'my_companies'), null);

-- Grants
select tests.equal('nothing is granted to anon or public on a table',
  (select array_agg(distinct g.table_name::text) from information_schema.role_table_grants g
    where g.table_schema = 'public' and g.grantee in ('anon', 'PUBLIC')), null);
select tests.equal('nor on a column',
  (select array_agg(distinct g.table_name::text) from information_schema.column_privileges g
    where g.table_schema = 'public' and g.grantee in ('anon', 'PUBLIC')), null);
select tests.equal('no function can be executed by anon or public',
  (select array_agg(f.signature) from pg_temp.our_functions f
    where has_function_privilege('anon', f.oid, 'execute')
      or exists (select from aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a where a.grantee = 0)), null);
select tests.equal('signed-in users may truncate, reference and trigger nothing',
  (select array_agg(distinct g.table_name::text) from information_schema.role_table_grants g
    where g.table_schema = 'public' and g.grantee = 'authenticated' and g.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')), null);
select tests.equal('internal functions that signed-in users can call: those of constraints, of triggers and columns worked out with the user''s rights, of is_reachable and of imports',
  (select array_agg(f.proname::text order by f.proname) from pg_temp.our_functions f
    where f.proname like '\_%' and f.prorettype <> 'trigger'::regtype and has_function_privilege('authenticated', f.oid, 'execute')),
  array['_department_reachable', '_facts_fit', '_is_date', '_is_zone', '_matched_people', '_moved', '_normalise_part', '_number_word', '_open_at', '_open_times', '_part_word',
    '_person_reachable', '_person_words', '_problems_of_people', '_refuse', '_sounds', '_spans_problem', '_spoken', '_texts_fit', '_uuids_fit', '_whole_fits', '_write_people']);

select tests.equal('what signed-in users may write in a table, the audit log of it hears',
  (select array_agg(distinct w.name || ' ' || w.verb order by w.name || ' ' || w.verb) from (
    select t.oid, t.name, v.verb, v.bit from pg_temp.our_tables t
    cross join (values ('INSERT', 4), ('DELETE', 8), ('UPDATE', 16)) v (verb, bit)
    where has_table_privilege('authenticated', t.oid, v.verb)
      or v.verb <> 'DELETE' and has_any_column_privilege('authenticated', t.oid, v.verb)) w
    where not exists (select from pg_trigger g
      where g.tgrelid = w.oid and g.tgfoid = 'public._audit()'::regprocedure and g.tgtype & w.bit > 0 and g.tgenabled = 'O')), null);

-- Functions
select tests.equal('every function has its search path pinned',
  (select array_agg(f.signature) from pg_temp.our_functions f
    where not coalesce(f.proconfig, '{}') && array['search_path=""', 'search_path=']), null);
select tests.equal('every function says what it does',
  (select array_agg(f.signature) from pg_temp.our_functions f where coalesce(obj_description(f.oid, 'pg_proc'), '') = ''), null);
select tests.equal('only the clock reads the real time',
  (select array_agg(f.signature order by f.signature) from pg_temp.our_functions f
    where f.prosrc ~* '\m(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\('
      or f.prosrc ~* '\m(current_timestamp|current_date|current_time|localtime|localtimestamp)\M'
      or f.prosrc ~* '''(now|today|tomorrow|yesterday)''\s*::'),
  array['fieldline_now()', 'set_clock(timestamp with time zone)']);
select tests.equal('nor does a column''s default or a constraint',
  (select array_agg(x.found) from (
    select t.name as found from pg_attrdef d join pg_temp.our_tables t on t.oid = d.adrelid
    where pg_get_expr(d.adbin, d.adrelid) ~* '\mnow\s*\(|current_timestamp|current_date'
    union all
    select c.conname::text from pg_constraint c where c.connamespace = 'public'::regnamespace
      and pg_get_constraintdef(c.oid) ~* '\mnow\s*\(|current_timestamp|current_date') x), null);
select tests.equal('what users call works with the owner''s rights only where it checks them',
  (select array_agg(f.proname::text order by f.proname) from pg_temp.our_functions f
    where f.prosecdef and has_function_privilege('authenticated', f.oid, 'execute') and f.prorettype <> 'trigger'::regtype
      and f.prosrc !~ '_line_account|_line_call|_line_technician|_line_customer|my_companies|_may_manage|auth\.uid'), array['fieldline_now']);
select tests.done();
rollback;
