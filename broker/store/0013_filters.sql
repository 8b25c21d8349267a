-- Each filter of the list of sessions has an index that the list comes out of in
-- order, so that what nobody has is told at once, whatever there is.

-- With the name and the team, which are looked for in the index itself.
drop index records_came;
create index records_came on records (came, session, team, name_key);

create index records_outcome on records (outcome, came, session);
create index records_portal on records (portal, came, session);
create index records_rating on records (rating, came, session) where rating <> 0;
create index records_result on records (result, came, session) where result <> 0;
create index records_issue on records (issue, came, session);
create index records_code on records (company_code, came, session) where company_code <> '';
