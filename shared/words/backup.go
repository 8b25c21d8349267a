package words

// What the broker's command says about databases and backups.
const (
	FlagDatabase           Sentence = "address of a PostgreSQL database to keep the records in, such as postgres://handrail@db.example.org/handrail, instead of a file in --data; with a password it stands in the environment variable HANDRAIL_DATABASE"
	FlagPassphrase         Sentence = "file with the passphrase that seals the backup, - for standard input"
	BrokerBackedUp         Sentence = "%s holds everything of this broker. Keep the passphrase somewhere else: without it nobody can open the backup."
	BrokerRestored         Sentence = "The broker is back. Start it with broker run and the settings it had."
	BrokerTheDatabase      Sentence = "the database"
	BrokerBadDatabase      Sentence = "The database's address cannot be understood. Write it like postgres://handrail@db.example.org/handrail."
	BrokerDatabaseAway     Sentence = "The database cannot be reached, or lets the broker not in. Look at its address, its user and its password, and whether it runs."
	BrokerCantUseDatabase  Sentence = "The database does not do what the broker asks of it. Make sure that its user may make tables, and that its disk has room."
	BrokerDatabasePassword Sentence = "A password must not stand on a command line, where everybody on this computer can read it. Put the database's address into the environment variable HANDRAIL_DATABASE, or the password into PGPASSFILE."
	BrokerNeedsBackup      Sentence = "Say the backup's file."
	BrokerBackupThere      Sentence = "%s is there already. Backups are never written over; take another name."
	BrokerCantBackUp       Sentence = "The backup cannot be written to %s."
	BrokerNoBackup         Sentence = "%s is no backup of a broker, or not all of it."
	BrokerNotEmpty         Sentence = "There is a broker's data already. A backup is restored where there is none: take an empty folder, and an empty database."
	BrokerNeedsPassphrase  Sentence = "Say which file holds the passphrase: --passphrase-file FILE, or - for standard input."
	BrokerNoPassphrase     Sentence = "The passphrase cannot be read from %s."
	BrokerShortPassphrase  Sentence = "The passphrase is missing or too short: it needs %d characters or more."
	BrokerWrongPassphrase  Sentence = "The backup was sealed with another passphrase."
)
