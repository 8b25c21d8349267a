-- Times are microseconds since 1970 UTC; 0 is "not yet".

drop table if exists nothing_6;
