// What the account that is logged in may do. The box refuses the rest; here it is not offered.
import type { Role } from '../../shared/api/types';
import { t, type Key } from '../../shared/i18n';
import { person } from '../../shared/state/session';

export const ROLES: readonly Role[] = ['clerk', 'health', 'broadcaster', 'administrator'];

export const hasRole = (role: Role): boolean => person.value?.roles?.includes(role) ?? false;
export const readsDossiers = (): boolean => hasRole('clerk') || hasRole('health');
export const roleWords = (roles: readonly Role[]): string => roles.map((role) => t(`role.${role}` as Key)).join(', ');
