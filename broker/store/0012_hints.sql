-- How many hints were given, so that who looks every now and then asks that
-- alone.
create table hints (
	id    integer primary key, -- 1
	given bigint not null
);
