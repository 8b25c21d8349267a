-- Times are microseconds since 1970 UTC; 0 is "not yet".

-- One row for each session, with everything that is looked for in a column of
-- its own; it follows from the facts.
create table records (
	session      blob primary key,
	day          bigint not null, -- since 1970, in the organisation's time zone
	portal       text not null,
	start        text not null, -- rep, issue, key
	came         bigint not null,
	entered      bigint not null,
	taken        bigint not null, -- first
	ended        bigint not null,
	why          text not null, -- it ended
	outcome      text not null, -- record.Outcome
	name         text not null,
	name_key     text not null, -- record.Key
	company      text not null,
	company_key  text not null,
	company_code text not null,
	issue        text not null,
	description  text not null,
	system       text not null,
	locale       text not null,
	address      text not null,
	fields       text not null, -- the form's other fields, JSON
	first_queue  text not null,
	queue        text not null, -- last
	team         bigint not null, -- last in whose queue, 0: none
	rep          bigint not null, -- last who took it, 0: nobody
	waited       bigint not null, -- seconds until first taken or given up
	lasted       bigint not null, -- seconds from first taken to ended
	agreed       integer not null, -- record.Answer
	recording    integer not null, -- record.Answer
	rating       integer not null -- 1 to 5, 0: none
);

create index records_came on records (came, session);
create index records_rep on records (rep, came);
create index records_team on records (team, came, session);
create index records_company on records (company_key, came, session);

-- Companies that ever came, so that one is found by a part of its name.
create table companies (
	company_key text primary key
);

create table facts (
	number  integer primary key,
	session blob not null, -- zero: of none
	mark    blob not null, -- a hash, by which a repeated fact is known
	at      bigint not null,
	what    text not null,
	rep     bigint not null,
	queue   text not null,
	detail  text not null, -- JSON
	unique (session, mark)
);

create table participants (
	session blob not null,
	rep     bigint not null,
	came    bigint not null, -- the session's
	joined  bigint not null, -- first
	gone    bigint not null, -- last
	primary key (rep, came, session)
);

create index participants_session on participants (session);

create table answers (
	session  blob not null,
	whose    integer not null, -- 0: the customer's, 1: the rep's
	question bigint not null,
	portal   text not null,
	came     bigint not null, -- the session's
	answer   text not null,
	primary key (portal, whose, question, came, session)
);

create index answers_session on answers (session);

-- What reports over everything add up. Sums only, so that each record's part
-- can be taken out and put back.
create table days (
	day      bigint not null,
	portal  text not null,
	team    bigint not null,
	rep     bigint not null,
	came    bigint not null, -- sessions
	taken   bigint not null,
	unhelped bigint not null, -- over without a rep
	waited  bigint not null, -- seconds, of those taken
	ended   bigint not null, -- of those taken
	lasted  bigint not null, -- seconds, of those ended
	rated   bigint not null,
	rating  bigint not null,
	primary key (day, portal, team, rep)
);

-- Programs elsewhere that hear of facts, and what each is still to be told.
-- Whoever keeps a fact reads the first table and never the second, which
-- changes with everything that is told.
create table recipients (
	id     text primary key, -- a hook's, or "syslog"
	events text not null -- separated by spaces; empty: all
);

create table tellings (
	recipient text primary key,
	tries     bigint not null, -- of the first in line
	due       bigint not null, -- not before
	told      bigint not null, -- in all
	given_up  bigint not null,
	last      bigint not null, -- time of the last success
	problem   text not null -- of the last try; empty: none
);

create table outbox (
	number    integer primary key,
	recipient text not null,
	fact      bigint not null,
	made      bigint not null
);

create index outbox_recipient on outbox (recipient, number);
