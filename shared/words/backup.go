package words

// What the broker's command says about databases and backups.
const (
	FlagDatabase           Sentence = "address of a PostgreSQL database to keep the records in, such as postgres://handrail@db.example.org/handrail, instead of a file in --data; with a password it stands in the environment variable HANDRAIL_DATABASE"
	FlagPassphrase         Sentence = "file with the passphrase that seals the backup, - for standard input"
	BrokerBackedUp         Sentence = "%s holds everything of this broker. Keep the passphrase somewhere else: without it nobody can open the backup."
	BrokerRestored         Sentence = "The broker is back. Start it with broker run and the settings it had."
	BrokerTheDatabase      Sentence = "the database"
	BrokerBadDatabase      Sentence = "The database's address cannot be understood. Write it like postgres://handrail@db.example.org/handrail. What is neither a letter nor a digit is percent-encoded in a password, as in any URL."
	BrokerDatabaseAway     Sentence = "The database cannot be reached, or does not let the broker in. Look at its address, its user and its password, and whether it runs."
	BrokerCantUseDatabase  Sentence = "The database does not do what the broker asks of it. Make sure that its user may make tables, and that its disk has room."
	BrokerDatabaseLetters  Sentence = "The database does not keep all letters. Make one with the encoding UTF8: create database handrail encoding 'UTF8' template template0."
	BrokerDatabaseBroken   Sentence = "The database's file in %s is damaged. Keep a copy of the folder, and restore the newest backup in another one: broker restore. Look at the disk before you go on with it."
	BrokerDatabasePassword Sentence = "A password must not stand on a command line, where everybody on this computer can read it. Put the database's address into the environment variable %s, or the password into PGPASSFILE."
	BrokerNeedsBackup      Sentence = "Say the backup's file."
	BrokerBackupThere      Sentence = "%s is there already. Backups are never written over; take another name."
	BrokerCantBackUp       Sentence = "The backup cannot be written to %s."
	BrokerNoBackup         Sentence = "%s is no backup of a broker, or not all of it."
	BrokerNotEmpty         Sentence = "There is a broker's data already. A backup is restored where there is none: take an empty folder, and an empty database."
	BrokerUnfinished       Sentence = "A restore into %s was cut short, so not all of a broker is there. Run broker restore again with the same backup and the same settings: it goes on where it was. For another backup, empty that folder first, and the PostgreSQL database, if there is one."
	BrokerNeedsPassphrase  Sentence = "Say which file holds the passphrase: --passphrase-file FILE, or - for standard input."
	BrokerNoPassphrase     Sentence = "The passphrase cannot be read from %s."
	BrokerShortPassphrase  Sentence = "The passphrase is missing or too short: it needs %d characters or more."
	BrokerWrongPassphrase  Sentence = "The backup was sealed with another passphrase."
)

// What the broker's command says of mistakes that it once passed over.
const (
	BrokerTooManyWords Sentence = "%q is one word too many; settings stand before everything else. Run broker %s --help to see them."
	BrokerACMEAlone    Sentence = "--acme-mail, --acme-directory and --acme-roots need --acme."
	BrokerNoPrograms   Sentence = "--programs names no folder, so customers can download nothing."
	FlagNewKey         Sentence = "go on with another key of the broker's own because the old one is lost, or because it had files of --cert before: hand out site.json again"
	BrokerOtherPin     Sentence = "Programs know this broker by another key than that in %s/broker.key, or there is none. Take that file from a backup, or from another broker of this database; if the broker had files of --cert, name them again. If the key is lost for good, start the broker once with --new-key, and hand out site.json again."
	BrokerKeyElsewhere Sentence = "But programs know this broker by the key of the files of --cert and --key, and those are not in the backup. Keep a copy of them, too."
	FlagNewSealKey     Sentence = "go on with a new seal.key because the old one is lost: second factors by app, web hooks' secrets and the identity provider's have to be set anew"
	BrokerBadSeal      Sentence = "The key in %s/seal.key cannot be used. Take it from a backup, or from another broker of this database. If it is lost for good, remove the file and start the broker once with --new-seal-key."
	BrokerOtherSeal    Sentence = "%s/seal.key is missing, or is not the one that this broker's secrets are sealed with. Take it from a backup, or from another broker of this database. If it is lost for good, start the broker once with --new-seal-key."
)
