-- The highest number that a team ever had, as text: what is kept of a team that
-- was removed must not become another one's. The audit log tells of all of them.
insert into settings (name, value)
	select 'teams.last', cast(cast(most as text) as blob) from (select max(number) as most from (
		select id as number from teams
		union all select team from days
		union all select team from records
		union all select cast(substr(subject, 6) as bigint) from audit where act like 'team.%' and subject like 'team:%'
	) numbers) highest where most > 0;
