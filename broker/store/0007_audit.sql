-- Times are microseconds since 1970 UTC; 0 is "not yet".

create table audit (
	seq     bigint primary key, -- from 1, without gaps
	at      bigint not null,
	actor   text not null, -- people.Actor
	act     text not null, -- such as rep.change
	subject text not null, -- such as rep:7
	detail  blob not null, -- JSON, which names no person
	prev    blob not null, -- the hash of the entry before; of the first one zero
	hash    blob not null  -- of package chain
);

create index audit_actor on audit (actor, seq);
create index audit_subject on audit (subject, seq);

-- The newest entry, so that writers meet in one row, and a log whose end was
-- cut off shows it.
create table audit_head (
	id   integer primary key, -- 1
	seq  bigint not null,
	hash blob not null
);

create table pairs (
	public_key blob primary key, -- Ed25519, of the console that asks
	code_hash  blob not null unique, -- SHA-256; the code itself is nowhere
	computer   text not null, -- as it calls itself
	came_from  text not null, -- its address; the row goes when the pair is over
	rep        bigint not null, -- who answered, 0: nobody yet
	state      integer not null, -- people.PairState
	expires    bigint not null
);

-- A console's login lapses; that of a console which enrolled with a code
-- doesn't, as long as nobody signed it out: -1.
alter table consoles add column login_until bigint not null default -1;

-- What a browser brings back once: ceremonies of passkeys, sign-ins elsewhere.
create table spent (
	hash    blob primary key, -- SHA-256
	expires bigint not null
);

alter table logins add column how text not null default ''; -- password, passkey, oidc
alter table logins add column agent text not null default ''; -- the browser, such as "Firefox, Linux"
