-- Times are microseconds since 1970 UTC.

-- Who reps are at identity providers: the account there decides, whatever the
-- mail address.
create table known (
	issuer  text not null, -- as the provider spells itself
	subject text not null, -- its own name for the account
	rep     bigint not null references reps (id),
	since   bigint not null,
	primary key (issuer, subject)
);

create unique index known_rep on known (rep, issuer);

-- Who gave a rep the mail address: another rep; 0: the rep, or the
-- local command, or a provider has confirmed that it is the rep's.
alter table reps add column mail_by bigint not null default 0;
