-- Passwords of the logins that Supabase's image makes: the auth server's and PostgREST's. Run once, on an empty database.
\getenv password POSTGRES_PASSWORD
alter role supabase_auth_admin with password :'password';
alter role authenticator with password :'password';
