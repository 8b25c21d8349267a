-- A rep may have several consoles. SQLite can't drop a unique column, so the
-- table is made anew, and those that refer to it.

drop index keys_ended;
drop index sessions_ended;
alter table reps rename to old_reps;
alter table enrolments rename to old_enrolments;
alter table keys rename to old_keys;
alter table sessions rename to old_sessions;

create table reps (
	id           integer primary key,
	name         text not null, -- what customers see
	private_name text not null, -- what colleagues see; empty: the same
	mail         text not null, -- in people.Mail's spelling; empty: none
	language     text not null, -- BCP 47; empty: the organisation's
	listed       integer not null, -- on portals: 0 or 1
	place        bigint not null, -- there, smallest first
	must_change  integer not null, -- the password: 0 or 1
	idle_minutes bigint not null, -- 0: the organisation's
	created      bigint not null,
	revoked      bigint not null -- since when disabled
);

create unique index reps_mail on reps (mail) where mail <> '';

create table consoles (
	id         integer primary key,
	rep        bigint not null references reps (id),
	public_key blob not null unique, -- Ed25519
	name       text not null,
	made       bigint not null,
	seen       bigint not null,
	revoked    bigint not null
);

create index consoles_rep on consoles (rep);

insert into reps (id, name, private_name, mail, language, listed, place, must_change, idle_minutes, created, revoked)
	select id, name, '', '', '', 0, 0, 0, 0, created, revoked from old_reps;
insert into consoles (id, rep, public_key, name, made, seen, revoked)
	select id, id, public_key, '', created, 0, revoked from old_reps;

create table enrolments (
	code_hash  blob primary key, -- SHA-256; the code itself is nowhere
	name       text not null,
	expires    bigint not null,
	used       bigint not null,
	rep        bigint references reps (id)
);

insert into enrolments (code_hash, name, expires, used, rep)
	select code_hash, name, expires, used, rep from old_enrolments;

create table keys (
	rep     bigint not null references reps (id),
	request blob not null,
	number  text not null,
	made    bigint not null,
	expires bigint not null,
	state   integer not null,
	session blob not null,
	ended   bigint not null,
	why     integer not null,
	primary key (rep, request)
);

insert into keys (rep, request, number, made, expires, state, session, ended, why)
	select rep, request, number, made, expires, state, session, ended, why from old_keys;

create index keys_ended on keys (ended);

create table sessions (
	id              blob primary key,
	rep             bigint not null references reps (id),
	request         blob not null,
	started         bigint not null,
	customer_ticket blob not null, -- SHA-256 of the ticket
	rep_ticket      blob not null, -- likewise
	customer_left   integer not null,
	ended           bigint not null,
	why             integer not null
);

insert into sessions (id, rep, request, started, customer_ticket, rep_ticket, customer_left, ended, why)
	select id, rep, request, started, customer_ticket, rep_ticket, customer_left, ended, why from old_sessions;

create index sessions_ended on sessions (ended);

drop table old_sessions;
drop table old_keys;
drop table old_enrolments;
drop table old_reps;

create table teams (
	id    integer primary key,
	name  text not null unique,
	above bigint not null -- another team, 0: none
);

create table members (
	team bigint not null references teams (id),
	rep  bigint not null references reps (id),
	rank integer not null, -- people.Rank
	primary key (team, rep)
);

create table roles (
	id   text primary key, -- besides those that every organisation has
	name text not null,
	may  text not null -- permissions, separated by spaces
);

create table holders (
	rep   bigint not null references reps (id),
	role  text not null, -- of roles, or built in
	by_rep bigint not null, -- who gave it, 0: the local command
	given bigint not null,
	primary key (rep, role)
);

create table passwords (
	rep     bigint primary key references reps (id),
	phc     text not null, -- argon2id
	changed bigint not null
);

create table totps (
	rep       bigint primary key references reps (id),
	sealed    blob not null, -- the secret, under a key that is not in here (locks.Sealer)
	made      bigint not null,
	confirmed bigint not null, -- by a first code; 0: it doesn't count yet
	last_step bigint not null -- of RFC 6238, the last one that was accepted
);

create table passkeys (
	id     blob primary key, -- the credential's
	rep    bigint not null references reps (id),
	name   text not null,
	record blob not null, -- public, of package locks
	made   bigint not null,
	used   bigint not null
);

create index passkeys_rep on passkeys (rep);

create table recovery_codes (
	rep  bigint not null references reps (id),
	hash blob not null, -- SHA-256
	used bigint not null,
	primary key (rep, hash)
);

create table logins (
	token_hash blob primary key, -- SHA-256; the token is the browser's alone
	rep        bigint not null references reps (id),
	made       bigint not null,
	seen       bigint not null,
	expires    bigint not null,
	address    blob not null, -- a keyed hash of where it came from
	factor     integer not null -- 1: the second factor is done
);

create index logins_rep on logins (rep);

create table attempts (
	subject blob primary key, -- a keyed hash of a name or an address
	wrong   bigint not null,
	last    bigint not null,
	until   bigint not null
);

create table resets (
	link_hash   blob primary key, -- SHA-256
	rep         bigint not null references reps (id),
	by_rep      bigint not null,
	made        bigint not null,
	expires     bigint not null,
	need_factor integer not null, -- 0 or 1
	approved_by bigint not null,
	state       integer not null -- people.ResetState
);

create index resets_rep on resets (rep);

create table first_secrets (
	hash    blob primary key, -- SHA-256
	made    bigint not null,
	expires bigint not null,
	used    bigint not null
);

create table api_tokens (
	id      integer primary key,
	hash    blob not null unique, -- SHA-256
	rep     bigint not null references reps (id), -- who made it
	name    text not null,
	may     text not null, -- permissions, separated by spaces
	made    bigint not null,
	seen    bigint not null,
	expires bigint not null,
	revoked bigint not null
);
