-- Customers are found by a part of their names: each word that is in any of
-- them, and who has it, so that a name that few have is found without reading
-- all sessions.
create table words (
	word text primary key
);

create table named (
	word    text not null,
	came    bigint not null, -- the session's
	session blob not null,
	primary key (word, came, session)
) without rowid;

-- What is here already: each name is read letter by letter, and a blank after a
-- word ends it.
insert into named (word, came, session)
	with recursive letters (name, word, letter, rest) as (
		select name_key, '', '', name_key || ' ' from (select distinct name_key from records where name_key <> '') names
		union all
		select name, case when letter = ' ' then '' else word || letter end, substr(rest, 1, 1), substr(rest, 2) from letters where rest <> ''
	)
	select distinct l.word, r.came, r.session from letters l join records r on r.name_key = l.name
		where l.letter = ' ' and l.word <> '' order by l.word, r.came, r.session;

insert into words (word) select distinct word from named order by word;
