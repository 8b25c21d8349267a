-- Times are microseconds since 1970 UTC, by the database's clock.

create table files (
	name     text primary key, -- with slashes, as a path
	content  blob not null,
	modified bigint not null
);

create table leases (
	name  text primary key,
	owner blob not null,
	until bigint not null
);
