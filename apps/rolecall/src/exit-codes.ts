/**
 * What a script can learn from how a command ended. The numbers are part of the interface: they are
 * printed by `--help` and never change their meaning.
 */
export const exitCodes = {
  done: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  dataDirectoryInUse: 4,
  addressTaken: 5,
  notAuthorized: 6,
  notMigrated: 7,
  denied: 10,
  differs: 11,
  defect: 70,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Each exit code with its meaning, in the order of the numbers. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.done, 'done; a check is allowed'],
  [exitCodes.refused, 'refused: the message says by which rule; doctor found a failure'],
  [exitCodes.usage, 'wrong usage, configuration or file'],
  [exitCodes.unreachable, 'Rolecall or its database does not answer'],
  [exitCodes.dataDirectoryInUse, 'another Rolecall runs on the data folder'],
  [exitCodes.addressTaken, 'the address to listen on is taken or not available'],
  [exitCodes.notAuthorized, 'the API key is missing, unknown or not enough'],
  [exitCodes.notMigrated, 'the database does not have the schema of this version'],
  [exitCodes.denied, 'a check is denied'],
  [exitCodes.differs, 'Rolecall and WorkOS differ, or something waits for a person'],
  [exitCodes.defect, 'a fault of Rolecall itself'],
  [exitCodes.interrupted, 'stopped at once by a second signal'],
];
