-- Brokers that share the database, and what each of them has. Times are
-- microseconds since 1970 UTC, by the database's clock.

create table nodes (
	id      blob primary key,
	address text not null, -- host:port where programs reach it
	part    integer not null unique, -- of all numbers, its own
	started bigint not null,
	until   bigint not null -- then others may take over what it has, and this row with it; -1: they do
);

alter table keys add column home blob not null default ''; -- of nodes
alter table sessions add column home blob not null default '';
alter table visits add column home blob not null default '';
alter table visits add column code text not null default ''; -- empty: none

create index keys_number on keys (number);
create index visits_code on visits (code);
create index visits_page on visits (page);
