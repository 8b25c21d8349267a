-- What reps' consoles tell of their sessions. Times are microseconds since 1970
-- UTC.

alter table records add column note text not null default ''; -- the rep's, last
alter table records add column result integer not null default 0; -- wire.Outcome

alter table days add column solved bigint not null default 0;
alter table days add column unsolved bigint not null default 0;
alter table days add column follow_up bigint not null default 0;

-- What was said, part by part: entries that the broker may read, or sealed for
-- those who can open it.
create table transcripts (
	session blob not null,
	rep     bigint not null,
	part    bigint not null, -- counted from 1
	kept    bigint not null,
	entries text not null, -- JSON, lines of chat
	sealed  blob not null, -- of package vault
	primary key (session, rep, part)
);

-- Facts go, when their record is old enough, and what is told of them with them.
create index outbox_fact on outbox (fact);
