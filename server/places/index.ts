export { AddressBook } from "./address-book.ts";
export { foldAddress, type AddressParts } from "./address-text.ts";
export { lookUpCitizen, type LookUpDeps, type LookUpFailure, type LookUpInput } from "./look-up-citizen.ts";
export { reaches, reachOf, type PlaceReach } from "./reach.ts";
export { addressesByIds, upsertAddresses, upsertHousingCompanies, type AddressRow } from "./store/addresses.ts";
export { upsertCitizens, type CitizenRow, type PlaceQuery } from "./store/citizens.ts";
export {
  doorsByIds,
  pathByPublicId,
  pathsByIds,
  pathHomesOfCitizens,
  stepsOfPaths,
  upsertDoors,
  upsertPaths,
  type DoorRow,
  type PathHome,
  type PathRow,
  type PathStep,
} from "./store/doors.ts";
export { pathsAtAddress } from "./store/paths-at.ts";
export { lockConflicts, upsertLocks, type LockConflict, type LockInput } from "./store/locks.ts";
