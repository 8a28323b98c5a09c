export { foldAddress, foldedAddress, type AddressParts } from "./address-text.ts";
export {
  CITIZENS_FOUND_MAX,
  LOOK_UP_CHARACTERS_MIN,
  lookUpCitizen,
  PURPOSE_CHARACTERS_MAX,
  PURPOSE_CHARACTERS_MIN,
  type LookUpDeps,
  type LookUpFailure,
  type LookUpInput,
} from "./look-up-citizen.ts";
export { reaches, reachOf, type PlaceReach } from "./reach.ts";
export {
  addressByPublicId,
  addressesByIds,
  upsertAddresses,
  upsertHousingCompanies,
  type AddressRow,
} from "./store/addresses.ts";
export {
  citizenByPublicId,
  citizensAt,
  citizensByIds,
  searchPlaces,
  upsertCitizens,
  type CitizenRow,
  type PlaceQuery,
} from "./store/citizens.ts";
export {
  doorByPublicId,
  doorsByIds,
  pathByPublicId,
  pathsByIds,
  pathHomesOfCitizens,
  pathsThroughDoors,
  stepsOfPaths,
  upsertDoors,
  upsertPaths,
  type DoorRow,
  type PathHome,
  type PathRow,
  type PathStep,
} from "./store/doors.ts";
export { lockConflicts, upsertLocks, type LockConflict, type LockInput } from "./store/locks.ts";
